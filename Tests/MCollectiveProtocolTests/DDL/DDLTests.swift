import MusterCore
import MCollectiveProtocol
import MusterTestSupport
import Testing

/// A DDL that has all that files of real agents have.
enum SampleDDL {
    static let ruby = #"""
        # An agent.
        metadata    :name        => "sample",
                    :description => "Does " +
                                    "things",
                    :author      => 'It''s',
                    :license     => "ASL 2.0",
                    :version     => "1.0",
                    :url         => "https://example.com/",
                    :timeout     => 10

        requires :mcollective => "2.2.1"
        usage "Use it"

        action "status", :description => "Gets \"it\"" do
            display :always

            input :fact,
                  :prompt      => "Fact",
                  :description => "The fact",
                  :type        => :string,
                  :validation  => '^[\w\-\.]+$',
                  :optional    => false,
                  :maxlength   => 40

            input :command, type: :string, validation: :shellsafe, maxlength: 0, optional: true, prompt: "C", description: ""
            input :query, :type => :string, :validation => /^a/i, :maxlength => 3, :optional => true,
                  :prompt => "Q", :description => ""
            input :count, :type => :integer, :default => 5, :optional => false, :prompt => "", :description => ""
            input :force, :type => :boolean, :optional => true, :prompt => "", :description => ""
            input :ratio, :type => :float, :optional => true, :prompt => "", :description => ""
            input :delay, :type => :number, :optional => true, :prompt => "", :description => ""
            input :mode, :type => :list, :list => %w[fast slow], :optional => true, :prompt => "", :description => ""
            input :host, :type => :string, :validation => :ipv6address, :maxlength => 60, :optional => true,
                  :prompt => "", :description => ""

            output :value, :description => "The value", :display_as => "Value", :default => "unknown"
            output :list, :description => "", :default => [1, :a, nil, {"k" => 2.5}]
            output "text", :description => ""

            summarize do
                aggregate summary(:value)
                aggregate average(:count, :format => "Average: %0.2f")
                aggregate boolean_summary(:flag, {:true => "yes", :false => "no"})
            end
        end

        ["start", "stop"].each do |act|
          action act, :description => "#{act.capitalize} a service" do
            display :failed
            output "#{act}ed", :description => "x"
          end
        end
        """#

    static let json = #"""
        {"metadata": {"name": "sample", "description": "Does things", "author": "Its", "license": "ASL 2.0", "version": "1.0",
          "url": "https://example.com/", "timeout": 10}, "requires": {"mcollective": "2.2.1"}, "usage": "Use it",
         "actions": [{"action": "start", "description": "Start a service", "display": "failed",
          "input": {"fact": {"prompt": "Fact", "description": "The fact", "type": "string", "validation": "^[\\w]+$",
            "optional": false, "maxlength": 40}, "safe": {"type": "string", "validation": "shellsafe", "optional": true}},
          "output": {"started": {"description": "x", "display_as": "Started", "default": false}},
          "aggregate": [{"function": "average", "args": ["count", {"format": "Average: %0.2f"}]}]}]}
        """#

    static func rubyDDL() throws -> DDL { try DDL(ruby: Array(ruby.utf8)) }
    static func jsonDDL() throws -> DDL { try DDL(json: Array(json.utf8)) }
}

struct DDLTests {
    @Test("metadata and what is around the actions is read")
    func metadata() throws {
        let ddl = try SampleDDL.rubyDDL()
        #expect(ddl.metadata.name == "sample" && ddl.metadata.description == "Does things")
        #expect(ddl.metadata.author == "Its" && ddl.metadata.timeout == 10)
        #expect(ddl.requirements == ["mcollective": "2.2.1"] && ddl.usage == "Use it")
        #expect(ddl.actions.map(\.name) == ["status", "start", "stop"])
        #expect(ddl.dataQuery == nil && ddl.discoveryCapabilities == nil)
    }

    @Test("an action with its inputs, outputs and summaries is read")
    func action() throws {
        let action = try #require(try SampleDDL.rubyDDL().action("status"))
        #expect(action.description == "Gets \"it\"" && action.display == .always)
        #expect(
            action.inputs.map(\.kind) == [
                .string(.pattern("^[\\w\\-\\.]+$"), maxLength: 40), .string(.validator("shellsafe"), maxLength: 0),
                .string(.regexp(RubyRegexp("^a", options: .ignoreCase)), maxLength: 3), .integer, .boolean, .float,
                .number,
                .list(["fast", "slow"]), .string(.validator("ipv6address"), maxLength: 60),
            ])
        #expect(action.inputs.map(\.isOptional) == [false, true, true, false, true, true, true, true, true])
        #expect(action.inputs[3].default == 5 && action.inputs[0].prompt == "Fact")
        #expect(action.outputs.map(\.displayAs) == ["Value", "list", "text"])
        #expect(
            action.defaultData == [
                .symbol("value"): "unknown", .symbol("list"): [1, .symbol("a"), .null, .hash([("k", .double(2.5))])],
                .symbol("text"): .null,
            ])
        #expect(action.aggregates.map(\.function) == ["summary", "average", "boolean_summary"])
        #expect(action.aggregates.map(\.output) == ["value", "count", "flag"])
        #expect(action.aggregates[1].format == "Average: %0.2f")
        #expect(action.aggregates[2].arguments == [.symbol("true"): "yes", .symbol("false"): "no"])
    }

    @Test("a loop over literals is unrolled, with its variable put in")
    func loops() throws {
        let ddl = try SampleDDL.rubyDDL()
        #expect(ddl.action("start")?.description == "Start a service")
        #expect(ddl.action("stop")?.outputs.first?.name == "stoped")
    }

    @Test("data plugins and discovery methods are read")
    func otherKinds() throws {
        let head = "metadata name: 'x', description: '', author: '', license: '', version: '', url: '', timeout: 1\n"
        let data = try DDL(
            ruby: Array(
                (head + """
                    dataquery(:description => "File Stat") do
                      input :query, :prompt => "File Name", :description => "Valid File Name", :type => :string,
                            :validation => /.+/, :maxlength => 120
                      output :size, :description => "File size", :display_as => "Size"
                    end
                    """).utf8))
        let query = try #require(data.dataQuery)
        #expect(query.description == "File Stat" && query.outputs.map(\.name) == ["size"])
        guard case .string(let validation, 120)? = query.inputs.first?.kind else { return #expect(Bool(false)) }
        #expect(validation.shown == "(?-mix:.+)")
        let discovery = try DDL(ruby: Array((head + "discovery do\n capabilities [:classes, :facts]\nend").utf8))
        #expect(discovery.discoveryCapabilities == ["classes", "facts"])
    }

    @Test("here documents are texts")
    func hereDocuments() throws {
        let head = "metadata name: 'x', description: '', author: '', license: '', version: '', url: '', timeout: 1\n"
        let texts = [
            "<<-EOS\n  a\n   b\n  EOS": "  a\n   b\n", "<<~'E'\n  a\n   #{b}\n\n E\n": "a\n #{b}\n\n",
            "<<E\na\nE": "a\n",
        ]
        for (text, usage) in texts {
            #expect(try DDL(ruby: Array((head + "usage " + text + "\nrequires :a => 'b'").utf8)).usage ?? "" == usage)
        }
    }

    @Test("the JSON form says the same")
    func json() throws {
        let ddl = try SampleDDL.jsonDDL()
        #expect(
            ddl.metadata.name == "sample" && ddl.metadata.timeout == 10 && ddl.requirements == ["mcollective": "2.2.1"])
        let action = try #require(ddl.action("start"))
        #expect(
            action.inputs.map(\.kind) == [
                .string(.pattern("^[\\w]+$"), maxLength: 40), .string(.validator("shellsafe"), maxLength: 0),
            ])
        #expect(action.outputs.first?.default == false && action.outputs.first?.displayAs == "Started")
        #expect(action.aggregates.first?.format == "Average: %0.2f")
    }

    @Test(
        "Ruby that would have to be run is refused in its line",
        arguments: [
            ("x = 1", 1, DDLError.Problem.unexpected("=")), ("\nif true\nend", 2, .notLiteral("if")),
            ("usage `id`", 1, .unexpected("`")), ("usage \"#{`id`}\"", 1, .notLiteral("`id`")),
            ("usage \"#{x}\"", 1, .notLiteral("x")), ("usage File.read", 1, .notLiteral("File")),
            ("[\"a\"].each do |x|\nusage x.system\nend", 2, .notLiteral("x.system")),
            ("[\"a\"].map do |x|\nend", 1, .notLiteral("map")), ("system \"id\"", 1, .unknownStatement("system")),
            ("action \"a\" do\n eval \"1\"\nend", 2, .unknownStatement("eval")),
            ("require 'x'", 1, .notLiteral("require")),
            ("usage <<-EOS\nx\nEOS\n\nx 1 2", 5, .unexpected("2")), ("usage <<EOS\nx\n EOS", 1, .unfinishedText),
            ("usage <<~E\n#{x}\nE", 1, .notLiteral("#{x}")), ("usage \"x", 1, .unfinishedText),
            ("usage 'x", 1, .unfinishedText),
            ("action \"a\" do", 1, .unexpected("the end of the file")), ("usage 1 2", 1, .unexpected("2")),
            ("end", 1, .unknownStatement("end")),
            ("", 1, .missing("'metadata'")), ("metadata :name => 'x'", 1, .missing("'description'")),
            ("action :a do\n\n input :b\nend", 3, .missing("'type' of b")),
            ("action :a do\n input :b, :type => :string, :validation => 1\nend", 2, .invalid("'validation' of b")),
            ("action :a do\n display :some\nend", 2, .invalid("'display'")),
            ("action do\nend", 1, .missing("the name of the action")),
            ("action :a do\nsummarize do\naggregate 1\nend\nend", 3, .unexpected("aggregate")),
        ] as [(String, Int, DDLError.Problem)])
    func refuses(_ text: String, _ line: Int, _ problem: DDLError.Problem) {
        #expect {
            _ = try DDL(ruby: Array(text.utf8))
        } throws: { error in
            guard let error = error as? DDLError else { return false }
            return error.line == line && error.problem == problem && !error.description.isEmpty
        }
    }

    @Test("files that unroll or nest without end are refused")
    func bombs() {
        let list = "[" + String(repeating: "1,", count: 99) + "1]"
        let loop =
            String(repeating: "\(list).each do |x|\n", count: 3) + "usage 'a'\n" + String(repeating: "end\n", count: 3)
        #expect { _ = try DDL(ruby: Array(loop.utf8)) } throws: { error in
            (error as? DDLError)?.problem == .tooManyStatements(limit: 5000)
        }
        for open in ["usage [", "action :a do\n", "[1].each do |x|\n"] {
            let text = String(repeating: open, count: open == "usage [" ? 1 : 100) + String(repeating: "[", count: 100)
            #expect { _ = try DDL(ruby: Array(text.utf8)) } throws: { error in
                (error as? DDLError)?.problem == .tooDeep(limit: 32)
            }
        }
        let variable =
            "[\"\(String(repeating: "x", count: 5000))\"].each do |v|\nusage \(String(repeating: "\"#{v}\" ", count: 200))\nend"
        #expect { _ = try DDL(ruby: Array(variable.utf8)) } throws: { error in
            (error as? DDLError)?.problem == .tooLong(limit: 1 << 18)
        }
        #expect(throws: DDLError.self) { try DDL(ruby: [UInt8](repeating: 0x20, count: 1 << 19)) }
        #expect(throws: DDLError.self) { try DDL(ruby: [0xff]) }
        for text in ["[]", "{", "{}", "{\"metadata\":{\"name\":\"a\"}}"] {
            #expect(throws: DDLError.self) { try DDL(json: Array(text.utf8)) }
        }
    }

    @Test("mutated files are read or refused")
    func mutations() {
        var random = SeededRandom(seed: 0x6464_6c)
        for _ in 0..<400 {
            _ = try? DDL(ruby: random.mutate(Array(SampleDDL.ruby.utf8)))  // refused is as good as read here
            _ = try? DDL(json: random.mutate(Array(SampleDDL.json.utf8)))
        }
    }
}
