import Core
import Decision

/// The tool that the consultant has to call: the members of an ``Opinion`` as a JSON schema.
enum OpinionTool {
    static let name = "give_opinion"

    /// - Parameter isStrict: whether the service holds the input to the schema while it is written. Then the schema may not
    ///   state ranges (structured outputs, "JSON Schema limitations"): the descriptions do, and ``Opinion`` checks them
    ///   in any case.
    static func json(isStrict: Bool) -> JSONValue {
        var tool: JSONValue = [
            "name": .string(name),
            "description": .string(
                "Records your opinion on the instrument at this bar. Call it exactly once, with every field. It is the "
                    + "only thing you can do; it can only take risk away and never enlarges an order."),
            "input_schema": schema(withRanges: !isStrict),
        ]
        if isStrict { tool = tool.setting("strict", true) }
        return tool
    }

    static func schema(withRanges: Bool) -> JSONValue {
        let properties = Opinion.Member.allCases.map { member in
            JSONValue.Member(member.rawValue, property(member, withRanges: withRanges))
        }
        return [
            "type": "object", "properties": .object(properties),
            "required": .array(Opinion.keys.map { .string($0) }), "additionalProperties": false,
        ]
    }

    private static func property(_ member: Opinion.Member, withRanges: Bool) -> JSONValue {
        switch member {
        case .action:
            [
                "type": "string", "enum": .array(SuggestedAction.allCases.map { .string($0.rawValue) }),
                "description": "What you would do with the position.",
            ]
        case .confidence: number("How sure you are of action", 0...1, "number", withRanges)
        case .riskScore: number("Risk of a larger loss than usual", 0...1, "number", withRanges)
        case .sizeFactor:
            number("Multiplies the size of an entry, or the share of the position to keep", 0...1, "number", withRanges)
        case .delayBars:
            number("Bars without an entry, this one included", 0...Opinion.delayLimit, "integer", withRanges)
        case .veto: ["type": "boolean", "description": "Whether an entry is forbidden at this bar."]
        case .observations: texts("What you see in the data", withRanges)
        case .risks: texts("What could go wrong", withRanges)
        }
    }

    private static func number(
        _ text: String, _ range: ClosedRange<Int>, _ type: JSONValue, _ withRanges: Bool
    ) -> JSONValue {
        let property: JSONValue = [
            "type": type, "description": .string("\(text), \(range.lowerBound) to \(range.upperBound)."),
        ]
        guard withRanges else { return property }
        return property.setting("minimum", .int(Int64(range.lowerBound)))
            .setting("maximum", .int(Int64(range.upperBound)))
    }

    private static func texts(_ text: String, _ withRanges: Bool) -> JSONValue {
        let (count, length) = (Opinion.textsLimit, Opinion.textLimit)
        let items: JSONValue = ["type": "string"]
        let property: JSONValue = [
            "type": "array",
            "items": withRanges ? items.setting("maxLength", .int(Int64(length))) : items,
            "description": .string("\(text): at most \(count) sentences of at most \(length) characters."),
        ]
        return withRanges ? property.setting("maxItems", .int(Int64(count))) : property
    }
}
