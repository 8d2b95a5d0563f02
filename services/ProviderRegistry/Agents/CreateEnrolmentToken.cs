using System.Security.Cryptography;
using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Asks for a token by which a host becomes a node, for so long or for the usual time.</summary>
public sealed record CreateEnrolmentToken(Guid ProviderId, string Region, string Name, string Country, string Location, TimeSpan? Life);

/// <summary>What came of it.</summary>
public abstract record CreateEnrolmentTokenOutcome
{
    private CreateEnrolmentTokenOutcome()
    {
    }

    /// <summary>The token: shown once, and kept as its hash alone.</summary>
    public sealed record Created(string Token, DateTimeOffset ExpiresTime, Uri AgentAddress) : CreateEnrolmentTokenOutcome;

    /// <summary>There is no market in that region.</summary>
    public sealed record RegionUnknown(IReadOnlyList<string> Regions) : CreateEnrolmentTokenOutcome;

    /// <summary>No agents are listened to.</summary>
    public sealed record DoorClosed : CreateEnrolmentTokenOutcome;
}

/// <summary>Makes it.</summary>
public sealed class CreateEnrolmentTokenHandler(ProviderRegistryDb db, ServiceOptions options, TimeProvider clock)
{
    // A simulated hour may be a minute long; whoever types the command is not faster for that.
    private TimeSpan UsualLife => options.Simulated ? TimeSpan.FromDays(7) : TimeSpan.FromHours(1);

    /// <summary>Makes a token; every call makes another.</summary>
    public async Task<CreateEnrolmentTokenOutcome> Handle(CreateEnrolmentToken command, CancellationToken cancel)
    {
        if ((options.AgentAddress ?? options.AgentListen) is not { } address) return new CreateEnrolmentTokenOutcome.DoorClosed();
        var regions = (await db.Markets.AsNoTracking().Select(market => market.Market).ToListAsync(cancel))
            .Where(market => market.Contains('.', StringComparison.Ordinal)).Select(market => market[(market.IndexOf('.', StringComparison.Ordinal) + 1)..]).Distinct().Order().ToList();
        if (!regions.Contains(command.Region)) return new CreateEnrolmentTokenOutcome.RegionUnknown(regions);

        var pin = options.AgentCertificate is { } certificate ? AgentDoor.PinOf(certificate) : [];
        var token = EnrolmentToken.Of(RandomNumberGenerator.GetBytes(EnrolmentToken.SecretLength), pin);
        var expires = clock.GetUtcNow() + (command.Life ?? UsualLife);
        db.EnrolmentTokens.Add(new EnrolmentTokenRow
        {
            TokenHash = EnrolmentToken.Hash(token),
            ProviderId = command.ProviderId,
            Region = command.Region,
            Name = command.Name,
            Country = command.Country,
            Location = command.Location,
            ExpiresTime = expires,
        });
        await db.SaveChangesAsync(cancel);
        return new CreateEnrolmentTokenOutcome.Created(token, expires, address);
    }
}
