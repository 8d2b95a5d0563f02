namespace ComputeExchange.Settlement.Reconciliation;

/// <summary>One thing that does not agree.</summary>
/// <param name="Check">Which comparison found it: one of <see cref="Checks"/>.</param>
/// <param name="Subject">The account or transfer concerned.</param>
/// <param name="Text">A sentence for people, with both amounts and the transfers concerned.</param>
public sealed record Break(string Check, string Subject, string Text);

/// <summary>How much was compared, and what does not agree.</summary>
public sealed record Findings(long Checks, IReadOnlyList<Break> Breaks)
{
    public static readonly Findings None = new(0, []);

    public static Findings operator +(Findings left, Findings right) => new(left.Checks + right.Checks, [.. left.Breaks, .. right.Breaks]);
}

/// <summary>The comparisons there are.</summary>
public static class Checks
{
    /// <summary>All accounts together hold nothing, and what is set aside is what is to come.</summary>
    public const string Sum = "sum";

    /// <summary>No account is outside its limits.</summary>
    public const string Limits = "limits";

    /// <summary>Every escrow is what the open slots of its lease cost.</summary>
    public const string Escrow = "escrow";

    /// <summary>The totals of payments, deposits and metered slots are those of their accounts.</summary>
    public const string Controls = "controls";

    /// <summary>The totals of what only grows are those of its transfers.</summary>
    public const string History = "history";

    /// <summary>Every balance is what its transfers add up to.</summary>
    public const string Balances = "balances";

    /// <summary>Every transfer is as it was written, and none is missing.</summary>
    public const string Chain = "chain";

    /// <summary>Every participant's collateral is what the engine holds at the same number of its feed.</summary>
    public const string Engine = "engine";
}
