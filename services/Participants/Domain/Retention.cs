namespace ComputeExchange.Participants.Domain;

/// <summary>How long what is no longer needed is kept (docs/privacy.md).</summary>
public static class Retention
{
    /// <summary>The bank details of a destination that was taken out of use: a bank may still send a payment back.</summary>
    public static readonly TimeSpan RemovedDestination = TimeSpan.FromDays(180);

    /// <summary>What a key was called, once it has ended. Its id and hash stay: an old key never works again.</summary>
    public static readonly TimeSpan EndedKeyLabel = TimeSpan.FromDays(365);

    /// <summary>How a participant is called when its personal data was erased.</summary>
    public static string ErasedName(Guid participantId) => $"erased-{participantId.ToString()[..8]}";
}
