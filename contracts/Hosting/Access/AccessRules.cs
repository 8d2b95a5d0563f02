using ComputeExchange.Access.V1;
using Google.Protobuf.Reflection;

namespace ComputeExchange.Hosting.Access;

/// <summary>Who may call which method, read from the method options of the protos. A method without a rule serves nobody.</summary>
public static class AccessRules
{
    private static readonly Dictionary<string, ComputeExchange.Access.V1.Access?> ByMethod = new(StringComparer.Ordinal);

    static AccessRules()
    {
        foreach (var file in Files)
        foreach (var service in file.Services)
        foreach (var method in service.Methods)
            ByMethod[$"/{service.FullName}/{method.Name}"] = method.GetOptions()?.GetExtension(AccessExtensions.Access);
    }

    /// <summary>Every proto that defines a door of the exchange.</summary>
    public static IReadOnlyList<FileDescriptor> Files { get; } =
    [
        ComputeExchange.Facts.V1.FactsServiceReflection.Descriptor,
        ComputeExchange.MatchingEngine.V1.EngineServiceReflection.Descriptor,
        ComputeExchange.OrderBook.V1.OrderBookServiceReflection.Descriptor,
        ComputeExchange.OrderBook.V1.FuturesServiceReflection.Descriptor,
        ComputeExchange.ProviderRegistry.V1.ProviderRegistryServiceReflection.Descriptor,
        ComputeExchange.ProviderRegistry.V1.AgentServiceReflection.Descriptor,
        ComputeExchange.ProviderRegistry.V1.NodesServiceReflection.Descriptor,
        ComputeExchange.ProviderRegistry.V1.DeliveryServiceReflection.Descriptor,
        ComputeExchange.Settlement.V1.SettlementServiceReflection.Descriptor,
        ComputeExchange.Settlement.V1.PaymentsServiceReflection.Descriptor,
        ComputeExchange.Settlement.V1.DocumentsServiceReflection.Descriptor,
        ComputeExchange.Pricing.V1.PricingServiceReflection.Descriptor,
        ComputeExchange.Participants.V1.ParticipantsServiceReflection.Descriptor,
    ];

    /// <summary>Every method with its rule, by its path.</summary>
    public static IReadOnlyDictionary<string, ComputeExchange.Access.V1.Access?> All => ByMethod;

    /// <summary>Whether a caller may call a method.</summary>
    public static Verdict Judge(string method, Caller caller)
    {
        if (!ByMethod.TryGetValue(method, out var rule) || rule is null) return Verdict.Denied;
        if (rule.Allow.Contains(Role.Public)) return Verdict.Allowed;
        if (caller == Caller.Nobody) return Verdict.Unauthenticated;

        // A node is nobody else: what any participant may call is not for it.
        if (caller.NodeId is not null) return rule.Allow.Contains(Role.Node) ? Verdict.Allowed : Verdict.Denied;

        if (caller.Service is { } service)
            return rule.Allow.Contains(Role.Service) && (rule.Services.Count == 0 || rule.Services.Contains(service))
                ? Verdict.Allowed
                : Verdict.Denied;

        // Only what a participant can be counts: a key that says it is a service is still a participant's.
        return rule.Allow.Contains(Role.Authenticated) || rule.Allow.Any(role => role is >= Role.Provider and <= Role.Auditor && caller.Roles.Contains(role))
            ? Verdict.Allowed
            : Verdict.Denied;
    }
}

/// <summary>What an access rule says of a caller.</summary>
public enum Verdict
{
    /// <summary>May call.</summary>
    Allowed,

    /// <summary>Must show a credential first.</summary>
    Unauthenticated,

    /// <summary>May not call.</summary>
    Denied,
}
