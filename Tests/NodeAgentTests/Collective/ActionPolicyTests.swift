import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@testable import NodeAgent

@Suite struct ActionPolicyTests {
    private let subject = FilterSubject(
        identity: "node1", classes: ["base", "role_web"], facts: ["country": "uk", "cpus": "2"])

    private func allows(_ text: String, _ caller: String = "uid=500", _ action: String = "status", groups: String = "")
        -> Bool
    {
        // Columns are separated by tabs, which are easier to see as bars.
        let policy = ActionPolicy(text.replacing("|", with: "\t"), groups: groups)
        return policy.verdict(caller: caller, action: action, subject: subject, allowsByDefault: false) == .allowed
    }

    @Test(
        "judges by callers, actions, facts and classes",
        arguments: [
            ("allow|*|*|*|*", true), ("deny|*|*|*|*", false), ("allow|uid=500|*|*|*", true),
            ("allow|uid=0|*|*|*", false), ("allow|uid=0 uid=500|*|*|*", true), ("allow|*|status enable|*|*", true),
            ("allow|*|stat|*|*", false), ("allow|*|*|country=uk|*", true), ("allow|*|*|country=de|*", false),
            ("allow|*|*|country=uk cpus>1|*", true), ("allow|*|*|base|*", false), ("allow|*|*|*|base role_web", true),
            ("allow|*|*|*|base role_db", false), ("allow|*|*|*|country=uk", false),
            ("allow|*|*|country=de or cpus=2|*", true), ("allow|*|*|*|base and !role_db", true),
            ("allow|*|*|country=uk and base", true), ("allow|*|*|(country=de or role_web) and not role_db", true),
            ("allow|*|*|and and|*", false), ("policy default allow", true),
            ("policy default deny\nallow|*|*|*|*", true),
            ("policy default allow\ndeny|uid=500|*|*|*", false), ("# allow|*|*|*|*\n\n", false),
            ("deny|uid=500|status|*|*\nallow|*|*|*|*", false), ("deny|uid=500|enable|*|*\nallow|*|*|*|*", true),
            ("allow||*|||*|*|*", true), ("allow * * * *", false), ("deny uid=500 * * *\nallow|*|*|*|*", false),
            ("nonsense\nallow|*|*|*|*", true),
        ])
    func judges(policy: String, isAllowed: Bool) {
        #expect(allows(policy) == isAllowed, "\(policy)")
    }

    @Test func expressionsThatCannotBeReadKeepOutAndLetNobodyIn() {
        #expect(!allows("default allow\ndeny|*|*|a and (b"))
        #expect(!allows("default deny\nallow|*|*|a and (b"))
    }

    @Test func knowsGroups() {
        let groups = "# who\nadmins uid=500 cert=alice\n"
        #expect(allows("allow|admins|*|*|*", groups: groups))
        #expect(allows("allow|admins|*|*|*", "cert=alice", groups: groups))
        #expect(!allows("allow|admins|*|*|*", "uid=501", groups: groups))
    }

    @Test func namesTheLineAndTheDataThatItNeeds() {
        let policy = ActionPolicy("#\ndeny\t*\t*\tfstat('/x').present=1 and base\nx\n")
        #expect(policy.calls == [DataCall("fstat", "/x")])
        #expect(policy.unreadableLines == [3])
        var subject = subject
        // Nobody has answered, so nobody can tell that the rule does not fit.
        #expect(
            policy.verdict(caller: "uid=0", action: "x", subject: subject, allowsByDefault: true) == .denied(line: 2))
        subject.data = [DataCall("fstat", "/x"): ["present": 0]]
        #expect(policy.verdict(caller: "uid=0", action: "x", subject: subject, allowsByDefault: true) == .allowed)
        subject.data = [DataCall("fstat", "/x"): ["present": 1]]
        #expect(
            policy.verdict(caller: "uid=0", action: "x", subject: subject, allowsByDefault: true) == .denied(line: 2))
    }

    @Test(
        "the files beside the configuration decide before the action runs",
        arguments: [
            ("", [:], false), ("plugin.actionpolicy.allow_unconfigured = 1", [:], true),
            ("", ["rpcutil.policy": "allow\tuid=0\tping\t*\t*"], true),
            ("", ["rpcutil.policy": "allow\tuid=1\tping\t*\t*"], false),
            ("", ["default.policy": "policy default allow"], false),
            ("plugin.actionpolicy.enable_default = 1", ["default.policy": "policy default allow"], true),
            (
                "plugin.actionpolicy.enable_default = 1\nplugin.actionpolicy.default_name = all",
                ["all.policy": "allow\tops\t*\t*\t*", "groups": "ops uid=0"], true
            ),
        ] as [(String, [String: String], Bool)])
    func decides(settings: String, files: [String: String], isAllowed: Bool) async throws {
        let fixture = try CollectiveFixture(
            "rpcauthorization = 1\nrpcauthprovider = action_policy\n\(settings)", policies: files)
        let reply = try await fixture.call("rpcutil", "ping")
        #expect((reply.status == .ok) == isAllowed)
        if !isAllowed {
            #expect(reply.status == .aborted)
            #expect(reply.message == "You are not authorized to call this agent or action.")
        }
    }

    @Test func auditsWhatIsLetInAndNothingElse() async throws {
        let fixture = try CollectiveFixture(
            """
            rpcaudit = 1
            rpcauditprovider = logfile
            rpcauthorization = 1
            rpcauthprovider = action_policy
            """, policies: ["rpcutil.policy": "allow\t*\tget_fact\t*\t*"])
        _ = try await fixture.call("rpcutil", "ping")
        _ = try await fixture.call("rpcutil", "get_fact", ["fact": "a b"])
        _ = try await fixture.call("rpcutil", "get_fact", ["fact": "country"])
        let lines = try Files.text(fixture.directory.file("audit.log")).split(separator: "\n")
        #expect(lines.count == 1)
        #expect(
            lines.first?.hasSuffix(
                #" UTC] reqid=c453a61c3b785da9924fc865a5e59bc7: reqtime=1795243173 caller=uid=0@admin1 agent=rpcutil "#
                    + #"action=get_fact data={:fact=>"country", :process_results=>true}"#) == true)
    }

    @Test func writesNoLineThatASenderMadeUp() throws {
        var request = try CollectiveFixture().request("rpcutil", "ping")
        request.senderID = "x\n[2026-01-01 00:00:00 UTC] reqid=1"
        let line = AuditLog.line(request, action: "ping", at: Timestamp(seconds: 1_795_243_174))
        #expect(!line.contains("\n"))
        #expect(line.hasPrefix("[2026-11-21 06:39:34 UTC] reqid="))
    }
}
