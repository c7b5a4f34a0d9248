extension JobUpdate {
    /// The stable word for each step: the API's event name and the `update` key of `--json`.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case begun, answered, changed, ended
    }

    package var kind: Kind {
        switch self {
        case .begun: .begun
        case .answered: .answered
        case .changed: .changed
        case .ended: .ended
        }
    }
}

extension JobUpdate: Codable {
    private enum CodingKeys: String, CodingKey {
        case update, report, answer, outcome, expectation
    }

    /// `{update, report}`, `{update, answer, outcome}` or `{update, expectation}`, by kind.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .update)
        switch self {
        case .begun(let report), .ended(let report):
            try container.encode(report, forKey: .report)
        case .answered(let answer, let outcome):
            try container.encode(answer, forKey: .answer)
            try container.encode(outcome, forKey: .outcome)
        case .changed(let expectation):
            try container.encode(expectation, forKey: .expectation)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .update) {
        case .begun: self = .begun(try container.decode(JobReport.self, forKey: .report))
        case .ended: self = .ended(try container.decode(JobReport.self, forKey: .report))
        case .changed: self = .changed(try container.decode(Expectation.self, forKey: .expectation))
        case .answered:
            self = .answered(
                try container.decode(NodeAnswer.self, forKey: .answer),
                try container.decode(Outcome.self, forKey: .outcome))
        }
    }
}
