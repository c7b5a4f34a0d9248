import MusterCore
import MusterTestSupport

/// What an unchanged Salt answered (`scripts/vectors/targets.py`), as tests ask for it.
enum SaltAnswers {
    static let all: Value = {
        do {
            return try PackageFile.json("Tests/Vectors/targets/targets.json")
        } catch {
            return .string("\(error)")
        }
    }()

    static var facts: ValueMap {
        var facts = all["grains"]?.map ?? [:]
        // JSON has no numbers as keys; the script had this one too.
        facts["ports"] = [22: "ssh"]
        return facts
    }

    static func rows(_ name: String) -> [Value] { all[name]?.array ?? [] }

    static var nodegroups: [String: String] {
        (all["nodegroups"]?.map ?? [:]).reduce(into: [:]) { groups, entry in
            if let name = entry.key.string { groups[name] = entry.value.string }
        }
    }
}
