namespace ComputeExchange.Facts.ProviderRegistry.V1;

/// <summary>A lease is over and metered to its last slot.</summary>
/// <remarks>Said by ProviderRegistry after the last <see cref="LeaseMetered"/> of the lease; heard by nobody yet. Once.</remarks>
public sealed record LeaseEnded
{
    public required long LeaseId { get; init; }

    /// <summary>Whether every slot was delivered whole.</summary>
    public required bool Whole { get; init; }
}
