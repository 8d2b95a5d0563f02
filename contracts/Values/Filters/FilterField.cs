namespace ComputeExchange.Values.Filters;

/// <summary>What a field of the filter language holds.</summary>
public enum FilterFieldType
{
    /// <summary>A number, with a unit where one is natural.</summary>
    Number,

    /// <summary>Words; compared without regard to case.</summary>
    Text,

    /// <summary>True or false.</summary>
    Flag,
}

/// <summary>A field of the filter language.</summary>
/// <param name="Name">As it is written; case does not matter.</param>
/// <param name="Unit">What a number counts; of no meaning for any other type.</param>
/// <param name="Meaning">What it is, with its unit, for people.</param>
/// <param name="Example">A comparison that is right.</param>
/// <param name="InBids">Whether a bid can ask for it too.</param>
public sealed record FilterField(string Name, FilterFieldType Type, FilterUnit Unit, string Meaning, string Example, bool InBids);
