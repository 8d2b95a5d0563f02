using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Privacy;

/// <summary>Asks for everything that is held here about a participant.</summary>
/// <param name="CallerId">Who asks: the participant itself, or an operator.</param>
public sealed record ExportPersonalData(Guid CallerId, Guid ParticipantId);

/// <summary>Answers it with a document for people and programs.</summary>
public sealed class ExportPersonalDataHandler(ParticipantsDb db, AuditLog audit, TimeProvider clock)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseUpper) },
    };

    /// <summary>The document as JSON; null: there is no such participant. An operator's look is noted in the audit log.</summary>
    public async Task<string?> Handle(ExportPersonalData command, CancellationToken cancel)
    {
        var id = command.ParticipantId;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var participant = await db.Participants.AsNoTracking().Include(p => p.Identity).SingleOrDefaultAsync(p => p.ParticipantId == id, cancel);
        if (participant is null) return null;
        if (command.CallerId != id)
        {
            await audit.Add(command.CallerId.ToString(), "personal data exported", new { ParticipantId = id }, cancel);
            await db.SaveChangesAsync(cancel);
        }
        var identity = participant.Identity;
        var destinations = await db.Destinations.AsNoTracking().Include(d => d.Details).Where(d => d.ParticipantId == id).OrderBy(d => d.AddedTime).ToListAsync(cancel);
        var keys = await db.ApiKeys.AsNoTracking().Where(k => k.ParticipantId == id).OrderBy(k => k.CreatedTime).ToListAsync(cancel);
        var erasure = await db.Erasures.AsNoTracking().SingleOrDefaultAsync(e => e.ParticipantId == id, cancel);
        var (text, named) = (id.ToString(), $"%{id}%");
        var rows = await db.AuditRows.AsNoTracking().Where(row => row.Actor == text || EF.Functions.Like(row.DetailJson, named))
            .OrderBy(row => row.Number).ToListAsync(cancel);
        await transaction.CommitAsync(cancel);

        return JsonSerializer.Serialize(
            new
            {
                ExportedTime = clock.GetUtcNow(),
                Participant = new { participant.ParticipantId, participant.Name, participant.Roles, participant.Active, participant.AdmittedTime, participant.AdmittedBy },
                Profile = identity is null ? null : new
                {
                    identity.LegalName, identity.Email, identity.AddressLines, identity.Country, identity.TaxNumber, identity.TaxCode, identity.ChangedTime,
                },
                Erasure = erasure is null ? null : new { erasure.AskedTime, erasure.ErasedTime },
                PaymentDestinations = destinations.Select(d => new
                {
                    d.DestinationId, d.AddedTime, d.RemovedTime, d.Details?.Label, d.Details?.Holder, Scheme = d.Details is { } known ? BankAccount.Name(known.Scheme) : null,
                    d.Details?.Iban, d.Details?.Bic, d.Details?.RoutingNumber, d.Details?.AccountNumber,
                }),
                ApiKeys = keys.Select(k => new { k.KeyId, k.Label, k.CreatedTime, k.ExpiresTime, k.RevokedTime, k.MadeBy }),
                AuditRows = rows.Select(row => new { row.Number, row.HappenedTime, row.Actor, row.Act, Detail = JsonNode.Parse(row.DetailJson), row.Hash }),
                Elsewhere = "Orders, leases, nodes, transfers, invoices and statements are kept by the other services under participant_id alone; "
                    + "see them with cx orders, cx leases, cx nodes, cx account and cx account statement.",
            },
            Json);
    }
}
