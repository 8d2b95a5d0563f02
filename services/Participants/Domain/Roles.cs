namespace ComputeExchange.Participants.Domain;

/// <summary>What a participant may be. The names are those of facts and tables.</summary>
public enum ParticipantRole
{
    /// <summary>Sells GPU time.</summary>
    Provider,

    /// <summary>Buys GPU time.</summary>
    Buyer,

    /// <summary>Trades futures.</summary>
    Trader,

    /// <summary>Runs the market; may not trade.</summary>
    Operator,

    /// <summary>Reads everything, writes nothing.</summary>
    Auditor,
}

/// <summary>Which roles go together.</summary>
public static class RoleRules
{
    /// <summary>The longest name of a participant and the longest label of a key, in characters.</summary>
    public const int TextLengthMax = 100;

    /// <summary>What is wrong with a set of roles and what would be right; null: nothing.</summary>
    public static string? Fault(IReadOnlySet<ParticipantRole> roles)
    {
        if (roles.Count == 0) return "is empty: give any of PROVIDER, BUYER, TRADER, or OPERATOR or AUDITOR alone.";
        var alone = roles.Where(IsOfTheHouse).ToList();
        return alone.Count > 0 && roles.Count > 1
            ? $"has {Name(alone[0])} with others: who runs or audits the market may not take part in it; give {Name(alone[0])} alone."
            : null;
    }

    /// <summary>Operators and auditors: their keys stop working when they are suspended, for they have nothing to wind down.</summary>
    public static bool IsOfTheHouse(ParticipantRole role) => role is ParticipantRole.Operator or ParticipantRole.Auditor;

    /// <summary>For example <c>PROVIDER</c>.</summary>
    public static string Name(ParticipantRole role) => role.ToString().ToUpperInvariant();
}
