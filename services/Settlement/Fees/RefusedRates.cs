using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Fees;

/// <summary>Rates that the engine would not take.</summary>
internal static class RefusedRates
{
    /// <summary>Forgets the rates that a refused command would have set, so that the next day's job asks for them again.</summary>
    /// <returns>Whether it was such a command.</returns>
    public static async Task<bool> RefusedFees(this SettlementDb db, Guid commandId, CancellationToken cancel)
    {
        var body = await db.EngineCommands.AsNoTracking().Where(command => command.CommandId == commandId).Select(command => command.Body).SingleOrDefaultAsync(cancel);
        if (body is null || EngineCommand.Parser.ParseFrom(body).SetFees is not { } fees) return false;
        if (await db.ParticipantFees.FindAsync([Guid.Parse(fees.ParticipantId)], cancel) is { } row) db.ParticipantFees.Remove(row);
        return true;
    }
}
