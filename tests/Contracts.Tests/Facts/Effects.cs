using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Values;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>What the services of these tests do for a fact: a row, and the next link of the chain.</summary>
public class Effect(HearerDb db, Mishaps mishaps)
{
    public virtual async Task Note(string producer, string fact, CancellationToken cancel)
    {
        var chain = await db.Chains.FindAsync([producer], cancel) ?? db.Chains.Add(new ChainRow { Producer = producer }).Entity;
        chain.Count++;
        chain.Hash = NextLink(chain.Hash, fact);
        db.Applied.Add(new AppliedRow { Producer = producer, Position = chain.Count, Fact = fact });
        mishaps.Perhaps("while a fact is applied");
    }

    /// <summary>The chain with one more fact in it.</summary>
    public static string NextLink(string hash, string fact) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(hash + fact)));

    /// <summary>A stored fact in the words of its effect; null for one that these services do not hear.</summary>
    public static string? Of(FactRow row)
    {
        using var body = JsonDocument.Parse(row.Body);
        long Number(string field) => body.RootElement.GetProperty(field).GetInt64();
        return row.Type switch
        {
            "ProviderRegistry.V1.LeaseMetered" => Metered(Number("leaseId"), Number("slotIndex")),
            "ProviderRegistry.V1.LeaseEnded" => Ended(Number("leaseId")),
            "Settlement.V1.DepositBooked" => Relayed(Number("amountMicros")),
            _ => null,
        };
    }

    public static string Metered(long lease, long slot) => string.Create(CultureInfo.InvariantCulture, $"metered {lease}/{slot}");

    public static string Ended(long lease) => string.Create(CultureInfo.InvariantCulture, $"ended {lease}");

    public static string Relayed(long position) => string.Create(CultureInfo.InvariantCulture, $"relayed {position}");
}

public sealed class NoteMetered(Effect effect) : IHear<LeaseMetered>
{
    public Task Hear(LeaseMetered happened, DateTimeOffset at, CancellationToken cancel) =>
        effect.Note("teller", Effect.Metered(happened.LeaseId, happened.SlotIndex), cancel);
}

public sealed class NoteEnded(Effect effect) : IHear<LeaseEnded>
{
    public Task Hear(LeaseEnded happened, DateTimeOffset at, CancellationToken cancel) => effect.Note("teller", Effect.Ended(happened.LeaseId), cancel);
}

public sealed class NoteRelayed(Effect effect) : IHear<DepositBooked>
{
    public Task Hear(DepositBooked happened, DateTimeOffset at, CancellationToken cancel) =>
        effect.Note("relay", Effect.Relayed(happened.AmountMicros), cancel);
}

/// <summary>Notes what the teller says and tells it on, in the same transaction.</summary>
public sealed class PassOn(Effect effect, HearerDb db) : IHear<LeaseMetered>, IHear<LeaseEnded>
{
    public async Task Hear(LeaseMetered happened, DateTimeOffset at, CancellationToken cancel)
    {
        await effect.Note("teller", Effect.Metered(happened.LeaseId, happened.SlotIndex), cancel);
        Tell();
    }

    public async Task Hear(LeaseEnded happened, DateTimeOffset at, CancellationToken cancel)
    {
        await effect.Note("teller", Effect.Ended(happened.LeaseId), cancel);
        Tell();
    }

    private void Tell()
    {
        var position = db.Chains.Local.Single(chain => chain.Producer == "teller").Count;
        db.Tell(new DepositBooked
        {
            DepositId = DerivedId.From("relayed", position),
            ParticipantId = DerivedId.From("nobody"),
            AmountMicros = position,
            OperatorId = DerivedId.From("nobody"),
        });
    }
}
