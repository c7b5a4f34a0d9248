import MusterCore
import Testing

@testable import NodeAgent

@Suite struct PackageManagerTests {
    @Test func readsWhatDpkgSays() {
        let output = "bash\t5.2.15-2+b8\tamd64\tinstalled\nold\t1.0\tall\tconfig-files\nnone\t\t\tnot-installed\n"
        let packages = PackageManager(.apt).packages(output)
        #expect(packages.map(\.name) == ["bash", "old"])
        #expect(packages[0].version == "5.2.15-2+b8" && packages[0].architecture == "amd64" && !packages[0].isRemoved)
        #expect(packages[1].isRemoved)
    }

    @Test func readsWhatRPMSays() {
        let output = "bash\t(none)\t5.1.8\t9.el9\tx86_64\nbind\t32\t9.16\t1.el9\tx86_64\npackage x is not installed\n"
        let packages = PackageManager(.dnf).packages(output)
        #expect(packages.map(\.version) == ["5.1.8-9.el9", "32:9.16-1.el9"])
        #expect(packages.map(\.epoch) == ["0", "32"])
    }

    @Test func readsUpdates() {
        let apt = "Inst bash [5.2.15-2+b8] (5.2.15-2+b9 Debian:12.9/stable [amd64])\nConf bash (5.2.15-2+b9)\n"
        #expect(
            PackageManager(.apt).updates(apt) == [
                .init(name: "bash", version: "5.2.15-2+b9", repository: "Debian:12.9/stable")
            ])
        let dnf = "\nbash.x86_64    5.1.8-10.el9    baseos\nObsoleting Packages\n"
        #expect(
            PackageManager(.dnf).updates(dnf) == [.init(name: "bash", version: "5.1.8-10.el9", repository: "baseos")])
    }

    @Test("no name can be an option")
    func namesAreBehindTheirMark() {
        for kind in [PackageManager.Kind.apt, .dnf, .yum] {
            let manager = PackageManager(kind)
            let changes: [PackageManager.Change] = [
                .install(version: nil), .install(version: "1"), .update, .remove, .purge,
            ]
            for command in changes.map({ manager.command($0, "-x") }) + [manager.list("-x")] {
                let words = command.arguments
                #expect(words.firstIndex(of: "--") == words.count - 2, "\(words)")
            }
        }
    }
}
