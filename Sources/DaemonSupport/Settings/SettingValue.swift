import MusterCore

/// Values as operators write them in YAML. A value is never repeated in a refusal: it may be a secret.
enum SettingValue {
    /// A whole number, also as text: Salt takes `'4505'` too.
    static func number(_ value: Value, in range: ClosedRange<Int>, form: String) throws(SettingRefusal) -> Int {
        let number = value.int.flatMap(Int.init(exactly:)) ?? value.string.flatMap { Int($0) }
        guard let number else { throw .expected(form, value) }
        guard range.contains(number) else {
            throw SettingRefusal(
                reason: "\(number) is out of range: \(form) from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    static func text(_ value: Value) throws(SettingRefusal) -> String {
        switch value {
        case .string(let text): text
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .double(let number): number.shortest
        case .null, .bool, .bytes, .array, .map: throw .expected("text", value)
        }
    }

    static func texts(_ value: Value) throws(SettingRefusal) -> [String] {
        guard let elements = value.array else { return [try text(value)] }
        var texts: [String] = []
        for element in elements { texts.append(try text(element)) }
        return texts
    }

    static func path(_ value: Value) throws(SettingRefusal) -> String {
        let path = try text(value)
        guard path.hasPrefix("/") else {
            throw SettingRefusal(reason: "'\(path)' does not begin with '/': write the whole path")
        }
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private static let durationUnits: [(suffix: String, duration: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
        ("d", .seconds(86_400)),
    ]

    static func duration(_ value: Value, in range: ClosedRange<Duration>) throws(SettingRefusal) -> Duration {
        let form = "a duration from \(text(range.lowerBound)) to \(text(range.upperBound)), as 5, 500ms, 10m or 24h"
        guard let duration = duration(value) else { throw .expected(form, value) }
        guard range.contains(duration) else { throw SettingRefusal(reason: "out of range: \(form)") }
        return duration
    }

    private static func duration(_ value: Value) -> Duration? {
        var number = value.double
        var unit = Duration.seconds(1)
        if let text = value.string {
            guard let split = split(text) else { return nil }
            number = split.number
            if !split.unit.isEmpty {
                guard let known = durationUnits.first(where: { $0.suffix == split.unit }) else { return nil }
                unit = known.duration
            }
        }
        guard let number, number.isFinite, abs(number) < 1e9 else { return nil }
        return .microseconds(Int64((number * Double(unit.microseconds)).rounded()))
    }

    /// The shortest way to write a duration that `duration` reads.
    static func text(_ duration: Duration) -> String {
        for unit in durationUnits.reversed() where duration != .zero {
            let count = duration / unit.duration
            if count == count.rounded() { return "\(Int64(count))\(unit.suffix)" }
        }
        return duration == .zero ? "0" : "\(duration.inSeconds)s"
    }

    private static let byteUnits: [(suffix: String, bytes: Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ]

    static func bytes(_ value: Value, in range: ClosedRange<Int>) throws(SettingRefusal) -> Int {
        let form = "a size from \(text(bytes: range.lowerBound)) to \(text(bytes: range.upperBound)), as 512MiB"
        var bytes = value.int.map(Double.init)
        if let text = value.string, let split = split(text) {
            let unit = split.unit.isEmpty ? 1 : byteUnits.first { $0.suffix == split.unit }?.bytes
            bytes = unit.map { split.number * Double($0) }
        }
        guard let bytes, bytes.isFinite else { throw .expected(form, value) }
        guard bytes >= Double(range.lowerBound), bytes <= Double(range.upperBound) else {
            throw SettingRefusal(reason: "out of range: \(form)")
        }
        return Int(bytes)
    }

    static func text(bytes: Int) -> String {
        for unit in byteUnits.reversed() where bytes > 0 && bytes % unit.bytes == 0 {
            return "\(bytes / unit.bytes)\(unit.suffix)"
        }
        return "\(bytes)"
    }

    /// A map of names to compound expressions, or Salt's list of such maps; an expression is text or a list of words.
    static func nodegroups(_ value: Value) throws(SettingRefusal) -> [String: String] {
        let form = "a map of compound expressions by name"
        var groups: [String: String] = [:]
        for part in value.array ?? [value] {
            guard let map = part.map else { throw .expected(form, part) }
            for entry in map {
                guard let name = entry.key.string else { throw .expected("the name of a group", entry.key) }
                groups[name] = try texts(entry.value).joined(separator: " ")
            }
        }
        return groups
    }

    /// What is wrong with the expressions of nodegroups, by name.
    static func problems(ofNodegroups groups: [String: String]) -> [String] {
        groups.sorted { $0.key < $1.key }.compactMap { name, _ in
            problem(Target(.nodegroup, name), groups).map { "group '\(name)': \($0)" }
        }
    }

    /// What is wrong with pillar by compound expression: with an expression, or data that is no map.
    static func problems(ofPillar pillar: ValueMap, nodegroups: [String: String]) -> [String] {
        pillar.compactMap { entry in
            let expression = entry.key.pythonText
            if let problem = problem(Target(.compound, expression), nodegroups) { return problem }
            guard entry.value.map == nil else { return nil }
            return "\(entry.value.kindName) where a map of pillar data is expected, below '\(expression)'"
        }
    }

    private static func problem(_ target: Target, _ nodegroups: [String: String]) -> String? {
        do throws(TargetError) {
            _ = try TargetMatcher(target, nodegroups: nodegroups)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// `10m` as 10 and `m`; nil when it does not begin with a number.
    private static func split(_ text: String) -> (number: Double, unit: String)? {
        let digits = text.prefix { $0.isNumber || $0 == "." || $0 == "-" }
        guard let number = Double(digits) else { return nil }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        return (number, String(unit))
    }
}
