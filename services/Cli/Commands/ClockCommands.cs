using System.CommandLine;
using System.Globalization;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx clock</c>: the exchange's time, and moving it where it is simulated.</summary>
public static class ClockCommands
{
    static readonly Argument<string> To = CommandShape.Needed("to", "A time, or how far: +3h, 30m, 2026-03-01T09:00Z, \"tomorrow 09:00\".");
    static readonly Argument<int> Speed = CommandShape.Whole<int>("speed", "Simulated seconds in a real second, 1 to 3600.");

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("clock", "The exchange's time: show, advance, run, stop.",
            CommandShape.Make("show", "The exchange's time.").Does(Tell),
            CommandShape.Make("advance", "Move a simulated clock on, and wait until everything that is due is done (operators).", To).Does(Advance),
            CommandShape.Make("run", "Let a simulated clock run by itself (operators).", Speed).Does(session => Run(session, session.Line.GetValue(Speed))),
            CommandShape.Make("stop", "Stop a simulated clock (operators).").Does(session => Run(session, 0)))
        .Does(Tell);

    static async Task Tell(Session session)
    {
        var clock = await session.Ask(cancel => session.Exchange.Clock.GetClockAsync(new GetClockRequest(), cancellationToken: cancel));
        session.Print.Say($"{Show.Time(clock.ClockTime)} {(clock.Simulated ? $"simulated, {(clock.Speed == 0 ? "standing" : string.Create(CultureInfo.InvariantCulture, $"{clock.Speed} seconds a second"))}" : "real")}");
        Field(session, clock.ClockTime);
        session.Print.Field("simulated", clock.Simulated);
        session.Print.Field("speed", clock.Speed);
    }

    static async Task Advance(Session session)
    {
        var text = session.Line.GetRequiredValue(To);
        var now = await session.Now();
        var to = DurationWords.TryParse(text, out var duration) ? now + duration : TimeWords.Parse("to", text, now);
        var reply = await session.Ask(cancel => session.Exchange.Clock.AdvanceClockAsync(new AdvanceClockRequest { ToTime = to.ToTimestamp() }, cancellationToken: cancel));
        session.Print.Say($"{Show.Time(reply.ClockTime)}");
        Field(session, reply.ClockTime);
    }

    static async Task Run(Session session, int speed)
    {
        if (speed is < 0 or > 3600) throw new InputException($"speed: {speed} is not from 1 to 3600 simulated seconds in a real second.");
        var reply = await session.Ask(cancel => session.Exchange.Clock.RunClockAsync(new RunClockRequest { Speed = speed }, cancellationToken: cancel));
        session.Print.Say($"{Show.Time(reply.ClockTime)} {(speed == 0 ? "standing" : string.Create(CultureInfo.InvariantCulture, $"{speed} seconds a second"))}");
        Field(session, reply.ClockTime);
        session.Print.Field("speed", speed);
    }

    static void Field(Session session, Timestamp time) =>
        session.Print.Field("clock_time", time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));
}
