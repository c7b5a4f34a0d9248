extension SaltKeyTable {
    /// The keys of Salt 3008's `DEFAULT_MINION_OPTS`, and others that minions are given.
    static let minion = SaltKeyTable(
        understood: [
            "acceptance_wait_time": .setting("sign_in_retry"),
            "acceptance_wait_time_max": .setting("sign_in_longest_retry"),
            "always_verify_signature": .setting("always_verify_key_signature"),
            "append_domain": .setting("id_append_domain"),
            "auth_timeout": .setting("sign_in_timeout"),
            "autosign_grains": .setting("autosign_facts"),
            "cachedir": .structure("state_dir is the directory 'muster' in it"),
            "default_include": .structure("names the files that are read besides this one"),
            "cmd_blacklist_glob": .structure("commands that cmd functions refuse"),
            "cmd_whitelist_glob": .structure("the only commands that cmd functions run"),
            "disable_modules": .setting("disabled_modules"),
            "enable_legacy_startup_events": .setting("legacy_start_event"),
            "encryption_algorithm": .setting("encryption"),
            "grains": .setting("facts"),
            "hash_type": .setting("fingerprint_digest"),
            "id": .setting("id"),
            "include": .structure("names further files that are read"),
            "keysize": .setting("key_bits"),
            "log_level": .setting("log_level", .logLevel),
            "master": .setting("controllers"),
            "master_finger": .setting("controller_fingerprint"),
            "master_port": .setting("request_port"),
            "master_sign_key_name": .structure("the file of key_signer_file"),
            "minion_id_caching": .structure("id_file is 'minion_id' beside this file"),
            "minion_id_lowercase": .setting("id_lowercase"),
            "minion_jid_queue_hwm": .setting("seen_jobs", .positive),
            "nodegroups": .setting("nodegroups"),
            "ping_interval": .setting("ping_interval", .minutes),
            "pillarenv": .setting("pillar_environment"),
            "pki_dir": .structure("becomes key_dir; used as it is, key pair included"),
            "process_count_max": .setting("max_running_jobs", .positive),
            "recon_default": .setting("reconnect_delay", .milliseconds),
            "recon_max": .setting("reconnect_longest_delay", .milliseconds),
            "rejected_retry": .setting("retry_when_rejected"),
            "request_channel_timeout": .setting("request_timeout"),
            "return_retry_timer": .setting("return_timeout"),
            "return_retry_timer_max": .setting("return_longest_timeout"),
            "return_retry_tries": .setting("return_tries", .positive),
            "root_dir": .structure("stands before the paths of directories and files"),
            "saltenv": .setting("environment"),
            "signing_algorithm": .setting("signature"),
            "start_event_grains": .setting("start_event_facts"),
            "verify_master_pubkey_sign": .structure("verifies the key of the controller with key_signer_file"),
            "whitelist_modules": .setting("allowed_modules"),
            "zmq_filtering": .setting("filter_topics"),
        ],
        ignored: [
            (
                "the node joins every controller of the list and stays with all of them",
                """
                master_type master_alive_interval master_failback master_failback_interval master_shuffle random_master
                master_tries
                """
            ),
            ("the controller names the port when the node signs in", "publish_port"),
            ("every publish is verified", "sign_pub_messages"),
            ("signed returns are not there yet", "minion_sign_messages"),
            ("reconnects always wait a random part of their time", "recon_randomize"),
            (
                "a failed sign-in is tried again for as long as the node runs",
                "auth_retries auth_safemode auth_tries restart_on_error"
            ),
            ("the node signs in again as soon as it must", "random_reauth_delay"),
            ("names are looked up again at each connection", "retry_dns retry_dns_count resolve_dns_fallback"),
            ("a request that has no answer is made again with its job", "request_channel_tries"),
            (
                "Muster runs every program in a process group of its own and needs no choice",
                "multiprocessing modules_max_memory multifunc_ordered"
            ),
            (
                "the service manager decides it: see the systemd unit",
                "user pidfile verify_env sudo_user random_startup_delay minion_restart_command update_restart_services update_url"
            ),
            ("key files must be 0600 or stricter; an open one is refused", "permissive_pki_access"),
            (
                "Muster logs to standard error, which the service manager keeps",
                """
                log_file log_level_logfile log_datefmt log_datefmt_logfile log_fmt_console log_fmt_jid log_fmt_logfile
                log_fmt_minion_id log_granular_levels log_rotate_backup_count log_rotate_max_bytes key_logfile
                """
            ),
            (
                "connections are always kept alive, and watched with heartbeats",
                """
                tcp_keepalive tcp_keepalive_cnt tcp_keepalive_idle tcp_keepalive_intvl tcp_authentication_retries
                tcp_reconnect_backoff
                """
            ),
            (
                "a node has no sockets between its parts",
                """
                ipc_mode ipc_write_buffer sock_dir sock_pool_size tcp_pub_port tcp_pull_port zmq_monitor max_event_size
                reactor_niceness reactor_refresh_interval reactor_worker_hwm reactor_worker_threads loop_interval interface
                event_match_type
                """
            ),
            (
                "the source address of connections cannot be chosen yet",
                "source_address source_interface_name source_publish_port source_ret_port master_uri_format ipv6"
            ),
            ("only the ZeroMQ transport is spoken", "transport ssl disable_aes_with_tls serial"),
            (
                "proxies are not used",
                """
                proxy_host proxy_password proxy_port proxy_username no_proxy http_connect_timeout http_max_body
                http_request_timeout username password
                """
            ),
            ("the mine is not there yet", "mine_enabled mine_functions mine_interval mine_return_job"),
            (
                "schedules, beacons and engines are not there yet",
                "schedule scheduler_before_connect beacons beacons_before_connect engines thorium_interval thorium_roots"
            ),
            ("schedules, beacons and engines are not there yet", "thorium_top thoriumenv"),
            ("states are not run at the start yet", "startup_states sls_list top_file"),
            (
                "states are not run by Muster yet",
                """
                autoload_dynamic_modules backup_mode cluster_mode default_top disabled_requisites env_order environment failhard
                global_state_conditions jinja_env jinja_lstrip_blocks jinja_sls_env jinja_trim_blocks lock_saltenv
                master_tops_first renderer renderer_blacklist renderer_whitelist snapper_states snapper_states_config
                state_aggregate state_auto_order state_compress_ids state_events state_max_parallel state_output
                state_output_diff state_output_pct state_output_profile state_queue state_top state_top_saltenv state_verbose
                test top_file_merging_strategy
                """
            ),
            (
                "a node of Muster's has the modules that are built in and those in modules_dir",
                """
                add_proxymodule_to_opts clean_dynamic_modules cmd_safe cython_enable disable_returners
                enable_zip_modules extension_modules extmod_blacklist extmod_whitelist features grains_dirs module_dirs
                optimization_order outputter_dirs providers render_dirs returner_dirs saltpip_allow_find_links
                saltpip_disable_pip_version_check saltpip_no_deps saltpip_no_index saltpip_use_pythonpath states_dirs
                use_os_truststore utils_dirs whitelist_state_modules fips_mode
                """
            ),
            (
                "facts are gathered anew at each start, and always all of them",
                """
                enable_fqdns_grains enable_gpu_grains enable_lspci grains_blacklist grains_cache grains_cache_expiration
                grains_deep_merge grains_refresh_every grains_refresh_pre_exec
                """
            ),
            (
                "files are fetched from the controller only by functions that need them",
                """
                file_buffer_size file_client file_ignore_glob file_ignore_regex file_recv file_recv_max_size file_roots
                fileserver_backend fileserver_followsymlinks fileserver_ignoresymlinks gitfs_base gitfs_depth
                gitfs_disable_saltenv_mapping gitfs_fallback gitfs_global_lock gitfs_insecure_auth gitfs_mountpoint
                gitfs_passphrase gitfs_password gitfs_privkey gitfs_provider gitfs_proxy gitfs_pubkey gitfs_ref_types
                gitfs_refspecs gitfs_remotes gitfs_root gitfs_saltenv gitfs_saltenv_blacklist gitfs_saltenv_whitelist
                gitfs_ssl_verify gitfs_update_interval gitfs_user hgfs_update_interval local minionfs_update_interval
                roots_update_interval s3fs_update_interval salt_cp_chunk_size svnfs_update_interval use_master_when_local
                winrepo_branch winrepo_cache_expire_max winrepo_cache_expire_min winrepo_cachefile winrepo_depth winrepo_dir
                winrepo_dir_ng winrepo_fallback winrepo_insecure_auth winrepo_installer_cache_expire winrepo_passphrase
                winrepo_password winrepo_privkey winrepo_proxy winrepo_pubkey winrepo_refspecs winrepo_remotes
                winrepo_remotes_ng winrepo_source_dir winrepo_ssl_verify winrepo_user
                """
            ),
            (
                "pillar is compiled by the controller",
                """
                decrypt_pillar decrypt_pillar_default decrypt_pillar_delimiter decrypt_pillar_renderers ext_pillar
                git_pillar_base git_pillar_branch git_pillar_depth git_pillar_disable_saltenv_mapping git_pillar_env
                git_pillar_fallback git_pillar_global_lock git_pillar_includes git_pillar_insecure_auth git_pillar_passphrase
                git_pillar_password git_pillar_privkey git_pillar_provider git_pillar_proxy git_pillar_pubkey
                git_pillar_ref_types git_pillar_refspecs git_pillar_root git_pillar_ssl_verify git_pillar_update_interval
                git_pillar_user gpg_cache gpg_cache_backend gpg_cache_ttl gpg_decrypt_must_succeed on_demand_ext_pillar
                pass_to_ext_pillars pillar.cache_driver pillar_cache pillar_cache_backend pillar_cache_ttl
                pillar_includes_override_sls pillar_mask_output pillar_merge_lists pillar_opts pillar_roots
                pillar_source_merging_strategy pillarenv_from_saltenv range_server resource_pillar_key ssh_merge_pillar
                """
            ),
            (
                "a node keeps seen jobs and unsent returns only",
                "cache cache_jobs cache_sreqs ext_job_cache keys.cache_driver unique_jid"
            ),
            ("returns go to the controllers only", "return pub_ret"),
            (
                "the controller's own affair",
                "auto_accept open_mode autosign_timeout publisher_acl publisher_acl_blacklist discovery bootstrap_delay"
            ),
            ("relays are not there yet", "syndic_finger syndic_retries"),
            ("one node a process: give each its own configuration", "append_minionid_config_dirs"),
            ("ids come from id, the id file or the host name", "id_function minion_id_remove_domain"),
            (
                "proxy minions are not there",
                """
                proxy_always_alive proxy_deep_merge_pillar_in_opts proxy_keep_alive proxy_keep_alive_interval
                proxy_merge_grains_in_module proxy_merge_pillar_in_opts proxy_merge_pillar_in_opts_strategy
                proxy_mines_pillar proxy
                """
            ),
            ("metrics and traces are Muster's own", "metrics tracing"),
            ("set by Salt itself", "conf_file"),
        ])
}
