using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Option = System.CommandLine.Option;

namespace ComputeExchange.Cli.Commands.Nodes;

/// <summary><c>cx nodes policy</c>: how a node is sold while it is idle; shown, or changed in what is said.</summary>
public static class PolicyCommand
{
    static readonly Option<bool> On = new("--on") { Description = "Its idle GPUs are offered by themselves." };
    static readonly Option<bool> Off = new("--off") { Description = "They are offered by hand only." };
    static readonly Option<string?> Floor = CommandShape.May("--floor", "PRICE", "The least for what is sold ahead: dollars for one GPU for one hour, for example 1.80.");
    static readonly Option<string?> PromptFloor = CommandShape.May("--prompt-floor", "PRICE", "The least for an hour that would otherwise perish; not above the floor. 0: the floor.");
    static readonly Option<string?> Hours = CommandShape.May("--hours", "HOURS", "Hours of the day in which it is sold, UTC: 18-6, 9-12,20-22, or all.");
    static readonly Option<string?> Days = CommandShape.May("--days", "DAYS", "Days on which it is sold: mon-fri, sat,sun, or all.");
    static readonly Option<int?> MinRun = CommandShape.MayWhole<int>("--min-run", "N", "Serve only blocks of at least so many hours, 1 to 72.");
    static readonly Option<string[]> KeepFree = new("--keep-free") { Description = "A time in which it is kept free, instead of those before; may be repeated; none for no time.", HelpName = "FROM..TO" };
    static readonly Option<int?> IdleMinutes = CommandShape.MayWhole<int>("--idle-minutes", "N", "It is idle when nothing of yours ran on it for so many minutes, 0 to 1440.");
    static readonly Option<int?> Horizon = CommandShape.MayWhole<int>("--horizon", "HOURS", "How far ahead it is offered, 1 to 168 hours.");
    static readonly Option<int?> KeepGpus = CommandShape.MayWhole<int>("--keep-gpus", "N", "GPUs of it that are never sold.");
    static readonly Option<string?> Reclaim = CommandShape.May("--reclaim", "TIME", "The notice with which you may take a lease back, 2m to 1d; bidders see it.");
    static readonly Option<bool> Reprice = new("--reprice") { Description = "The price moves by itself between the floor and the cap." };
    static readonly Option<bool> NoReprice = new("--no-reprice") { Description = "The price stays at the floor." };
    static readonly Option<string?> Cap = CommandShape.May("--cap", "PRICE", "The highest that the price is moved to.");
    static readonly Option<int?> RaiseAbove = CommandShape.MayWhole<int>("--raise-above", "PERCENT", "Above this share sold the price rises, 1 to 100.");
    static readonly Option<int?> LowerBelow = CommandShape.MayWhole<int>("--lower-below", "PERCENT", "Below this share sold it falls, 0 to 99.");
    static readonly Option<int?> Step = CommandShape.MayWhole<int>("--step", "PERCENT", "How much at a time, 1 to 50.");

    static readonly Option[] Changes =
        [On, Off, Floor, PromptFloor, Hours, Days, MinRun, KeepFree, IdleMinutes, Horizon, KeepGpus, Reclaim, Reprice, NoReprice, Cap, RaiseAbove, LowerBelow, Step];

    /// <summary>How a policy is shown.</summary>
    public static readonly Sheet<NodePolicy> Sheet = new Sheet<NodePolicy>("policy", "")
        .Flag("Offered by itself", "enabled", policy => policy.Enabled)
        .Price("Floor, sold ahead", "firm_floor_micros_per_gpu_hour", policy => policy.FirmFloorMicrosPerGpuHour)
        .Price("Floor, about to perish", "interruptible_floor_micros_per_gpu_hour", policy => policy.InterruptibleFloorMicrosPerGpuHour > 0 ? policy.InterruptibleFloorMicrosPerGpuHour : policy.FirmFloorMicrosPerGpuHour)
        .Text("Hours (UTC)", "hours", policy => WeekWords.OfHours(policy.HoursMask))
        .Text("Days", "days", policy => WeekWords.OfDays(policy.DaysMask))
        .Count("Least run", "run_slot_count_min", policy => Math.Max(1, policy.RunSlotCountMin))
        .List("Kept free", "keep_free", policy => policy.KeepFree.Select(window => Show.Window(window.FromTime, window.ToTime)))
        .Count("Idle after minutes", "idle_minutes", policy => policy.IdleMinutes)
        .Count("Hours ahead", "horizon_slot_count", policy => policy.HorizonSlotCount == 0 ? 24 : policy.HorizonSlotCount)
        .Count("GPUs never sold", "keep_gpu_count", policy => policy.KeepGpuCount)
        .Seconds("Notice to take back", "reclaim_notice_seconds", policy => policy.ReclaimNoticeSeconds == 0 ? 3_600 : policy.ReclaimNoticeSeconds)
        .Flag("Price moves by itself", "reprice", policy => policy.Repricer?.Enabled ?? false)
        .Price("up to", "cap_micros_per_gpu_hour", policy => policy.Repricer is { CapMicrosPerGpuHour: > 0 } repricer ? repricer.CapMicrosPerGpuHour : null)
        .Count("rises above % sold", "raise_above_percent", policy => policy.Repricer is { RaiseAbovePercent: > 0 } repricer ? repricer.RaiseAbovePercent : 85)
        .Count("falls below % sold", "lower_below_percent", policy => policy.Repricer is { LowerBelowPercent: > 0 } repricer ? repricer.LowerBelowPercent : 25)
        .Count("by %", "step_percent", policy => policy.Repricer is { StepPercent: > 0 } repricer ? repricer.StepPercent : 5)
        .Price("Reserve now", "reserve_micros_per_gpu_hour", policy => policy.Repricer is { ReserveMicrosPerGpuHour: > 0 } repricer ? repricer.ReserveMicrosPerGpuHour : null)
        .Text("because", "explanation", policy => policy.Repricer?.Explanation);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("policy", "How a node is sold while it is idle; with options, only what they say is changed.", [NodeNames.Node, .. Changes])
        .Does(async session =>
        {
            Contradiction(session, On, Off);
            Contradiction(session, Reprice, NoReprice);
            var id = await NodeNames.Read(session);
            var policy = (await NodeCard.Get(session, id)).Policy ?? new NodePolicy();
            if (Changes.Any(option => Given(session, option)))
            {
                await Change(session, policy);
                var request = new SetNodePolicyRequest { NodeId = id, Policy = policy };
                policy = (await session.Ask(cancel => session.Exchange.Nodes.SetNodePolicyAsync(request, cancellationToken: cancel))).Policy;
                session.Print.Say($"node {id}: the policy is set");
            }
            session.Print.Card(Sheet, policy, onlyKnown: true);
            session.Print.Field("node_id", id);
        });

    /// <summary>Puts what was typed into a policy, and nothing else.</summary>
    static async Task Change(Session session, NodePolicy policy)
    {
        var line = session.Line;
        if (line.GetValue(On)) policy.Enabled = true;
        if (line.GetValue(Off)) policy.Enabled = false;
        if (line.GetValue(Floor) is { } floor) policy.FirmFloorMicrosPerGpuHour = MoneyWords.Price(Floor.Name, floor).MicrosPerGpuHour;
        if (line.GetValue(PromptFloor) is { } prompt) policy.InterruptibleFloorMicrosPerGpuHour = MoneyWords.Price(PromptFloor.Name, prompt).MicrosPerGpuHour;
        if (line.GetValue(Hours) is { } hours) policy.HoursMask = WeekWords.Hours(Hours.Name, hours);
        if (line.GetValue(Days) is { } days) policy.DaysMask = WeekWords.Days(Days.Name, days);
        if (line.GetValue(MinRun) is { } run) policy.RunSlotCountMin = run;
        if (line.GetValue(IdleMinutes) is { } minutes) policy.IdleMinutes = minutes;
        if (line.GetValue(Horizon) is { } horizon) policy.HorizonSlotCount = horizon;
        if (line.GetValue(KeepGpus) is { } kept) policy.KeepGpuCount = kept;
        if (line.GetValue(Reclaim) is { } notice) policy.ReclaimNoticeSeconds = Seconds(Reclaim.Name, notice);
        if (line.GetValue(KeepFree) is { Length: > 0 } windows)
        {
            policy.KeepFree.Clear();
            if (windows is not ["none"])
                foreach (var window in windows) policy.KeepFree.Add(await Free(session, window));
        }

        if (!new Option[] { Reprice, NoReprice, Cap, RaiseAbove, LowerBelow, Step }.Any(option => Given(session, option))) return;
        policy.Repricer ??= new Repricer();
        if (line.GetValue(Reprice)) policy.Repricer.Enabled = true;
        if (line.GetValue(NoReprice)) policy.Repricer.Enabled = false;
        if (line.GetValue(Cap) is { } cap) policy.Repricer.CapMicrosPerGpuHour = MoneyWords.Price(Cap.Name, cap).MicrosPerGpuHour;
        if (line.GetValue(RaiseAbove) is { } high) policy.Repricer.RaiseAbovePercent = high;
        if (line.GetValue(LowerBelow) is { } low) policy.Repricer.LowerBelowPercent = low;
        if (line.GetValue(Step) is { } step) policy.Repricer.StepPercent = step;
    }

    static async Task<KeepFreeWindow> Free(Session session, string text)
    {
        var ends = text.Split("..");
        if (ends.Length != 2) throw new InputException($"{KeepFree.Name}: \"{text}\" is not a time to keep free: write FROM..TO, for example 2026-03-01T09:00Z..2026-03-01T17:00Z or +1h..+9h.");
        var (from, to) = (await session.Time(KeepFree.Name, ends[0]), await session.Time(KeepFree.Name, ends[1]));
        return to > from
            ? new KeepFreeWindow { FromTime = from.ToTimestamp(), ToTime = to.ToTimestamp() }
            : throw new InputException($"{KeepFree.Name}: \"{text}\" ends before it begins.");
    }

    static int Seconds(string field, string text)
    {
        var seconds = DurationWords.Parse(field, text).TotalSeconds;
        return seconds is >= 120 and <= 86_400
            ? (int)seconds
            : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{field}: {text} is not between 2m and 1d."));
    }

    static bool Given(Session session, Option option) => session.Line.GetResult(option) is OptionResult { Implicit: false };

    static void Contradiction(Session session, Option one, Option other)
    {
        if (Given(session, one) && Given(session, other)) throw new InputException($"{one.Name}: give {one.Name} or {other.Name}, not both.");
    }
}
