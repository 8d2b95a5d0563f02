using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>A bid before it has a buyer's name and an id.</summary>
/// <param name="Hour">The first hour of the day.</param>
/// <param name="Hours">How many in a row.</param>
/// <param name="Lead">How long before its start it is sent.</param>
public sealed record Wish(string Market, bool IsBlock, bool IsOnline, int Gpus, int Hour, int Hours, TimeSpan Lead, int Buyer, int CancelAfterSteps);

/// <summary>What buyers want of each market in each hour of a day, cut into bids.</summary>
/// <remarks>
/// Online demand is the trace: the GPUs that serve its busiest minute, times the daily profile, spread over the markets in
/// proportion to the tokens that their machines can make. One traced service may be small beside a marketplace: then so many
/// like it are served, in powers of ten, as take at most <see cref="MostOnline"/> of the GPUs of the first day. Batch work of
/// the same model fills up to <see cref="PeakShare"/> of the GPUs offered at the busiest hour: then the best hours are scarce
/// and the night is not. Both are multiplied by the scale.
/// </remarks>
public sealed class Demand(string seed, decimal scale, int services, int buyers)
{
    /// <summary>All demand together at the busiest hour, of the GPUs offered, at scale 1.</summary>
    public const decimal PeakShare = 1.3m;

    /// <summary>What services like the traced one may take at most when there are more than one.</summary>
    public const decimal MostOnline = 0.6m;

    static readonly int[] JobGpus = [1, 2, 4, 8];
    static readonly int[] JobGpuWeights = [40, 30, 20, 10];

    decimal _onlineCarry;
    decimal _batchCarry;

    /// <summary>GPUs wanted by one traced service at its busiest minute, of the GPUs offered.</summary>
    public static decimal OnlineShare(RequestsFile trace, IEnumerable<(int Gpus, Throughput Rate)> supply)
    {
        var tokensPerSecond = supply.Sum(market => market.Gpus * market.Rate.TokensPerSecond);
        return trace.BusiestMinuteTokens / 60m / tokensPerSecond;
    }

    /// <summary>How many services like the traced one there are: the largest power of ten that takes at most <see cref="MostOnline"/>, at least one.</summary>
    public static int ServicesLikeIt(decimal onlineShare)
    {
        var count = 1;
        while (count < 1_000_000 && onlineShare * count * 10 <= MostOnline) count *= 10;
        return count;
    }

    /// <summary>GPUs wanted by batch work at its peak, of the GPUs offered.</summary>
    public static decimal BatchShare(decimal onlineShare) => Math.Max(0, PeakShare - onlineShare);

    /// <summary>The bids for one market and day.</summary>
    public IEnumerable<Wish> Of(DateOnly day, string market, int gpus, decimal onlineShare, int firstHour)
    {
        var dice = new Dice(seed, $"demand {day:yyyy-MM-dd} {market}");
        foreach (var wish in Online(dice, market, gpus * onlineShare * scale, firstHour)) yield return wish;
        foreach (var wish in Batch(dice, market, gpus, gpus * BatchShare(onlineShare) * scale, firstHour)) yield return wish;
    }

    /// <summary>Divisible bids for the coming hours; parts of a GPU are carried on to the next bid.</summary>
    IEnumerable<Wish> Online(Dice dice, string market, decimal peak, int firstHour)
    {
        for (var hour = firstHour; hour < 24;)
        {
            var hours = Math.Min(dice.Between(1, 3), 24 - hour);
            for (var i = hour; i < hour + hours; i++) _onlineCarry += peak * DailyProfile.Online[i] / 100;
            var wanted = (int)Math.Min(decimal.Floor(_onlineCarry / hours), 100_000);
            var length = hours;
            if (wanted == 0) (wanted, length) = ((int)decimal.Floor(_onlineCarry), 1);
            _onlineCarry -= wanted * length;
            for (var left = wanted; left > 0;)
            {
                var gpus = Math.Min(left, dice.Between(1, Math.Clamp(wanted / 3, 1, 16)));
                left -= gpus;
                yield return new Wish(market, false, true, gpus, hour, length, Lead(dice, 3), dice.Below(services), Doubt(dice));
            }
            hour += hours;
        }
    }

    /// <summary>Jobs until the day's GPU-hours are reached: blocks with a fixed start, and divisible work.</summary>
    IEnumerable<Wish> Batch(Dice dice, string market, int supply, decimal peak, int firstHour)
    {
        for (var hour = firstHour; hour < 24; hour++) _batchCarry += peak * DailyProfile.Batch[hour] / 100;
        var weights = DailyProfile.Batch.Select((weight, hour) => hour < firstHour ? 0 : weight).ToArray();
        while (_batchCarry >= 1)
        {
            var hour = dice.Weighted(weights);
            var isBlock = dice.Percent(40) && hour <= 22;
            var hours = Math.Min(isBlock ? dice.Between(2, 8) : dice.Between(1, 4), 24 - hour);
            var gpus = Math.Min(JobGpus[dice.Weighted(JobGpuWeights)], Math.Max(1, supply));
            _batchCarry -= gpus * hours;
            yield return new Wish(market, isBlock, false, gpus, hour, hours, Lead(dice, isBlock ? 10 : 4), dice.Below(buyers), Doubt(dice));
        }
    }

    static TimeSpan Lead(Dice dice, int mostHours) => TimeSpan.FromMinutes(30 * dice.Between(1, 2 * mostHours));

    /// <summary>After how many steps a buyer takes the bid back: three in a hundred do.</summary>
    static int Doubt(Dice dice) => dice.Percent(3) ? dice.Between(1, 4) : 0;
}
