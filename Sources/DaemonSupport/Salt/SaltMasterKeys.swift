extension SaltKeyTable {
    /// The keys of Salt 3008's `DEFAULT_MASTER_OPTS`, and others that masters are given.
    static let master = SaltKeyTable(
        understood: [
            "allow_minion_key_revoke": .setting("allow_key_revocation"),
            "auth_events": .setting("auth_events"),
            "auto_accept": .setting("auto_accept"),
            "autoreject_file": .setting("autoreject_file", .path),
            "autosign_file": .setting("autosign_file", .path),
            "autosign_grains_dir": .setting("autosign_facts_dir", .path),
            "autosign_timeout": .setting("autosign_lifetime", .minutes),
            "cachedir": .structure("state_dir is the directory 'muster' in it"),
            "default_include": .structure("names the files that are read besides this one"),
            "gather_job_timeout": .setting("gather_timeout"),
            "hash_type": .setting("fingerprint_digest"),
            "include": .structure("names further files that are read"),
            "interface": .structure("becomes listen"),
            "ipv6": .structure("listen is '::' unless interface is given"),
            "keep_jobs": .structure("becomes retention_age unless keep_jobs_seconds is given"),
            "keep_jobs_seconds": .setting("retention_age"),
            "keysize": .setting("key_bits"),
            "log_level": .setting("log_level", .logLevel),
            "master_pubkey_signature": .structure("the file of key_signature_file"),
            "master_sign_key_name": .structure("the file of signing_key_file"),
            "master_sign_pubkey": .structure("signs the public key for nodes that verify it, with signing_key_file"),
            "master_use_pubkey_signature": .structure("sends the signature in key_signature_file instead of a new one"),
            "max_event_size": .setting("max_event_size"),
            "max_minions": .setting("max_nodes"),
            "minimum_auth_version": .setting("accept_version_2", .allowsVersion2),
            "nodegroups": .setting("nodegroups"),
            "open_mode": .setting("open_mode"),
            "pki_dir": .structure("becomes key_dir; used as it is, key pair included"),
            "pub_hwm": .setting("publish_queue"),
            "publish_port": .setting("publish_port"),
            "publish_session": .setting("key_lifetime"),
            "publish_signing_algorithm": .setting("publish_signature"),
            "ret_port": .setting("request_port"),
            "root_dir": .structure("stands before the paths of directories and files"),
            "rotate_aes_key": .setting("rotate_on_removal"),
            "sock_dir": .structure("control_socket is 'muster.sock' in it"),
            "timeout": .setting("job_timeout"),
            "zmq_backlog": .setting("backlog"),
        ],
        ignored: [
            (
                "Muster works on event loops and has no worker processes to tune",
                """
                worker_threads worker_pools worker_pools_enabled master_async_mworker master_mworker_max_inflight
                maintenance_niceness mworker_niceness mworker_queue_niceness event_publisher_niceness event_return_niceness
                fileserver_update_niceness pub_server_niceness reactor_niceness req_server_niceness loop_interval
                maintenance_interval
                """
            ),
            (
                "Muster is one process and has no sockets between its parts",
                """
                ipc_mode ipc_write_buffer sock_pool_size tcp_master_pub_port tcp_master_publish_pull tcp_master_pull_port
                tcp_master_workers pub_server_write_queue_size zmq_monitor
                """
            ),
            ("publishes are always signed", "sign_pub_messages"),
            ("a return with a wrong signature is always dropped", "drop_messages_signature_fail"),
            ("signed returns of nodes are not verified yet", "require_minion_sign_messages"),
            (
                "the service manager decides it: see the systemd unit",
                "user pidfile max_open_files verify_env"
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
                "encrypted private keys are not read: decrypt the file with 'openssl rsa -in FILE -out NEW', and put NEW in its "
                    + "place, mode 400", "key_pass signing_key_pass"
            ),
            (
                "connections are always kept alive, and watched with heartbeats",
                "tcp_keepalive tcp_keepalive_cnt tcp_keepalive_idle tcp_keepalive_intvl"
            ),
            ("session keys always belong to one node", "request_server_aes_session request_server_ttl auth_mode"),
            (
                "only the ZeroMQ transport is served",
                "transport ssl disable_aes_with_tls http_connect_timeout http_max_body"
            ),
            ("only the ZeroMQ transport is served", "http_request_timeout serial"),
            ("every publish goes to every node, which decides for itself", "zmq_filtering"),
            ("a removed key makes a new publish key, which nodes fetch with the next job", "ping_on_rotate"),
            ("the store drains by itself when the controller stops", "publish_drain_timeout publish_timeout"),
            (
                "jobs, returns and events are in Muster's store",
                """
                archive_jobs cache cache_sreqs con_cache event_return event_return_blacklist event_return_queue
                event_return_queue_max_seconds event_return_whitelist ext_job_cache job_cache job_cache_store_endtime key_cache
                keys.cache_driver master_job_cache memcache_debug memcache_expire_seconds memcache_full_cleanup
                memcache_max_items minion_data_cache minion_data_cache_events pillar.cache_driver preserve_minion_cache
                enforce_mine_cache runner_returns search sqlite_queue_dir return event_match_type
                """
            ),
            ("job ids are always unique", "unique_jid"),
            ("relays are not there yet", "order_masters syndic_event_forward_timeout syndic_failover syndic_finger"),
            (
                "relays are not there yet",
                """
                syndic_forward_all_events syndic_jid_forward_cache_hwm syndic_log_file syndic_master syndic_master_port
                syndic_pidfile syndic_user syndic_wait syndic_dir
                """
            ),
            (
                "several controllers as one are not there yet",
                """
                cluster_auto_replace_voters cluster_demote_cooldown cluster_encryption_algorithm cluster_id
                cluster_isolated_filesystem cluster_key_pass cluster_max_log_size cluster_max_voters cluster_min_voters
                cluster_mode cluster_peers cluster_pki_dir cluster_pool_port cluster_port cluster_pub_fingerprint cluster_secret
                cluster_voter_health_check_interval cluster_voter_timeout discovery
                """
            ),
            (
                "who may open the control socket may command: its owner and root",
                """
                client_acl_verify django_auth_path django_auth_settings eauth_acl_module eauth_tokens
                eauth_tokens.cache_driver eauth_tokens.cluster_id external_auth keep_acl_in_token permissive_acl publisher_acl
                publisher_acl_blacklist client_acl client_acl_blacklist sudo_acl token_dir token_expire
                token_expire_user_override
                """
            ),
            (
                "Muster's own HTTP API takes the place of salt-api",
                "netapi_allow_raw_shell netapi_enable_clients rest_timeout"
            ),
            ("nodes may not command others", "peer peer_run"),
            (
                "reactors, engines and the controller's own schedule are not there yet",
                """
                engines reactor reactor_refresh_interval reactor_worker_hwm reactor_worker_threads schedule thorium_interval
                thorium_roots thorium_top thoriumenv
                """
            ),
            (
                "who is connected is shown by 'muster nodes list', not by events",
                "presence_events detect_remote_minions"
            ),
            ("who is connected is shown by 'muster nodes list', not by events", "remote_minions_port"),
            (
                "facts sent at sign-in are not repeated in events",
                "auth_events_autosign_grains auth_events_pend_autosign_grains"
            ),
            (
                "files are not served to nodes yet",
                """
                file_buffer_size file_client file_ignore_glob file_ignore_regex file_recv file_recv_max_size file_roots
                fileserver_backend fileserver_followsymlinks fileserver_ignoresymlinks fileserver_interval
                fileserver_verify_config gitfs_base gitfs_depth gitfs_disable_saltenv_mapping gitfs_fallback gitfs_global_lock
                gitfs_insecure_auth gitfs_mountpoint gitfs_passphrase gitfs_password gitfs_privkey gitfs_provider gitfs_proxy
                gitfs_pubkey gitfs_ref_types gitfs_refspecs gitfs_remotes gitfs_root gitfs_saltenv gitfs_saltenv_blacklist
                gitfs_saltenv_whitelist gitfs_ssl_verify gitfs_update_interval gitfs_user hgfs_base hgfs_branch_method
                hgfs_mountpoint hgfs_remotes hgfs_root hgfs_saltenv_blacklist hgfs_saltenv_whitelist hgfs_update_interval local
                master_roots minionfs_blacklist minionfs_env minionfs_mountpoint minionfs_update_interval minionfs_whitelist
                roots_update_interval s3fs_update_interval salt_cp_chunk_size svnfs_branches svnfs_mountpoint svnfs_remotes
                svnfs_root svnfs_saltenv_blacklist svnfs_saltenv_whitelist svnfs_tags svnfs_trunk svnfs_update_interval
                winrepo_branch winrepo_cachefile winrepo_depth winrepo_dir winrepo_dir_ng winrepo_fallback
                winrepo_insecure_auth winrepo_passphrase winrepo_password winrepo_privkey winrepo_proxy winrepo_pubkey
                winrepo_refspecs winrepo_remotes winrepo_remotes_ng winrepo_ssl_verify winrepo_user
                """
            ),
            (
                "pillar is not compiled from Salt's files yet: use pillar in controller.yaml",
                """
                decrypt_pillar decrypt_pillar_default decrypt_pillar_delimiter decrypt_pillar_renderers ext_pillar
                git_pillar_base git_pillar_branch git_pillar_depth git_pillar_disable_saltenv_mapping git_pillar_env
                git_pillar_fallback git_pillar_global_lock git_pillar_includes git_pillar_insecure_auth git_pillar_passphrase
                git_pillar_password git_pillar_privkey git_pillar_provider git_pillar_proxy git_pillar_pubkey
                git_pillar_ref_types git_pillar_refspecs git_pillar_root git_pillar_ssl_verify git_pillar_update_interval
                git_pillar_user git_pillar_verify_config gpg_cache gpg_cache_backend gpg_cache_ttl gpg_decrypt_must_succeed
                on_demand_ext_pillar pass_dir pass_gnupghome pass_strict_fetch pass_to_ext_pillars pass_variable_prefix
                pillar_cache pillar_cache_backend pillar_cache_ttl pillar_includes_override_sls pillar_mask_output
                pillar_merge_lists pillar_opts pillar_roots pillar_safe_render_error pillar_source_merging_strategy
                pillar_version pillarenv range_server
                """
            ),
            (
                "states are not compiled here yet",
                """
                default_top env_order failhard jinja_env jinja_lstrip_blocks jinja_sls_env jinja_trim_blocks lock_saltenv
                environment master_tops master_tops_first renderer renderer_blacklist renderer_whitelist saltenv state_aggregate
                state_auto_order state_compress_ids state_events state_max_parallel state_top state_top_saltenv test
                top_file_merging_strategy
                """
            ),
            (
                "Python modules are not loaded into the controller",
                """
                add_proxymodule_to_opts clean_dynamic_modules cython_enable extension_modules extmod_blacklist extmod_whitelist
                module_dirs optimization_order outputter_dirs queue_dirs runner_dirs utils_dirs features use_os_truststore
                enable_gpu_grains grains_dirs conf_file fips_mode
                """
            ),
            (
                "salt-ssh is no part of Muster",
                """
                enable_ssh_minions min_extra_mods regen_thin ssh_config_file ssh_identities_only ssh_keepalive
                ssh_keepalive_count_max ssh_keepalive_interval ssh_list_nodegroups ssh_log_file ssh_merge_pillar
                ssh_minion_opts ssh_passwd ssh_port ssh_priv ssh_priv_passwd ssh_run_pre_flight ssh_scan_ports ssh_scan_timeout
                ssh_sudo ssh_sudo_user ssh_timeout ssh_use_home_key ssh_user thin_exclude_saltexts thin_extra_mods
                thin_saltext_allowlist thin_saltext_blocklist roster roster_file rosters
                """
            ),
            (
                "a choice of the command line: see 'muster run --help'",
                """
                cli_summary show_jid show_timeout state_output state_output_diff state_output_pct state_output_profile
                state_verbose output color out_file
                """
            ),
            ("the controller has no id of its own", "id append_domain"),
            ("metrics and traces are Muster's own", "metrics tracing master_stats master_stats_event_iter dummy_pub"),
        ])
}
