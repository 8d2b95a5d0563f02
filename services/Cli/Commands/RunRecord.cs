using System.Globalization;
using System.Security.Cryptography;
using ComputeExchange.Cli.Words;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Cli.Commands;

/// <summary>The public record of a run: fetched, held against its published hash, and checked against every rule.</summary>
public static class RunRecord
{
    /// <summary>Fetches a run's record and says whether it is what was published and keeps every rule; 0 if so, else 1.</summary>
    public static async Task<int> Verify(Session session, string run)
    {
        if (!long.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            throw new InputException($"--run: \"{run}\" is not a run's number; cx runs lists them.");
        var request = new GetRunRecordRequest { RunId = id };
        return Judge(session, await session.Ask(cancel => session.Exchange.OrderBook.GetRunRecordAsync(request, cancellationToken: cancel)));
    }

    /// <summary>Says whether a record is what was published and keeps every rule; 0 if so, else 1.</summary>
    public static int Judge(Session session, GetRunRecordResponse record)
    {
        var hash = HashOf(record.ProblemFile.Span, record.SolutionFile.Span);
        var published = record.Run.RecordSha256;
        session.Print.Say($"run {record.Run.RunId}{(record.Run.Solver.Length > 0 ? $", solved by {record.Run.Solver}" : "")}{(record.Run.Stopped.Length > 0 ? $", stopped: {record.Run.Stopped}" : "")}");
        session.Print.Say($"sha256 {hash}{(hash == published ? ", as published" : "")}");
        session.Print.Field("run_id", record.Run.RunId);
        session.Print.Field("sha256", hash);
        session.Print.Field("published_sha256", published);
        if (hash != published) session.Print.Say(published.Length == 0 ? "not published: the run is older than the hashes" : $"not what was published: {published}");

        var code = AuctionCommands.Judge(
            session,
            AuctionCommands.Read("problem", record.ProblemFile.Memory, AuctionJson.ReadProblem),
            AuctionCommands.Read("solution", record.SolutionFile.Memory, AuctionJson.ReadSolution));
        return hash == published ? code : 1;
    }

    /// <summary>The hash that binds a record: of the problem's bytes and the solution's after them, as <c>cat problem solution | sha256sum</c> prints it.</summary>
    public static string HashOf(ReadOnlySpan<byte> problem, ReadOnlySpan<byte> solution)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(problem);
        sha.AppendData(solution);
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
