using ComputeExchange.MatchingEngine.Running;

namespace ComputeExchange.MatchingEngine.Doors;

/// <summary>Says over plain HTTP what this very engine is and how far: the one door that a standby opens.</summary>
/// <remarks>By gRPC a standby answers nothing, so that whoever asks is led to the owner.</remarks>
internal static class Standing
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>One line: owner or standby, how far, and which process; 503 while it reads the journal or is halted.</summary>
    public static async Task<IResult> Say(HttpContext context)
    {
        try
        {
            var standing = await context.RequestServices.GetRequiredService<Engine>().AskStanding(context.RequestAborted).WaitAsync(Patience);
            return Results.Text(
                $"{(standing.Owner ? "owner" : "standby")} epoch={standing.Epoch} process={Environment.ProcessId} sequence={standing.Sequence} feed={standing.FeedNumber} "
                + $"behind={standing.Behind} journal={standing.JournalHash} state={standing.StateHash}\n");
        }
        catch (Exception away) when (away is EngineUnavailableException or TimeoutException)
        {
            return Results.Text(away.Message + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
