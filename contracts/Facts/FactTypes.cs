using System.Collections.Concurrent;

namespace ComputeExchange.Facts;

/// <summary>The names of facts: publisher, version and name, as they stand in tables and on the bus.</summary>
public static class FactTypes
{
    private const string Root = "ComputeExchange.Facts.";

    private static readonly ConcurrentDictionary<Type, string> Names = new();

    /// <summary>For example <c>Settlement.V1.CapacityPaid</c>.</summary>
    /// <exception cref="ArgumentException">The type is not a fact.</exception>
    public static string NameOf(Type fact) => Names.GetOrAdd(fact, type =>
        type.FullName is { } name && name.StartsWith(Root, StringComparison.Ordinal)
            ? name[Root.Length..]
            : throw new ArgumentException($"{type} is not a fact: facts live in {Root}<Publisher>.V<n>.", nameof(fact)));
}
