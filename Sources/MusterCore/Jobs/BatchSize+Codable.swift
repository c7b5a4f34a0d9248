/// In JSON a batch size is the text an operator writes: `"10"` or `"25%"`.
extension BatchSize {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let size = BatchSize(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is no batch size: a number of nodes, or 1% to 100%")
        }
        self = size
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension BatchSize: CustomStringConvertible {
    package var description: String {
        switch self {
        case .nodes(let count): "\(count)"
        case .percent(let percent): "\(percent)%"
        }
    }
}
