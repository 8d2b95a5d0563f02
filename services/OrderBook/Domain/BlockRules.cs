namespace ComputeExchange.OrderBook.Domain;

/// <summary>What a block must look like, whatever the market is doing (rulebook section 8.2).</summary>
public static class BlockRules
{
    /// <summary>The longest run, in slots.</summary>
    public const int RunMax = 72;

    /// <summary>The smallest minimum fill, per mille.</summary>
    public const int MinFillMin = 250;

    /// <summary>The longest name of a group.</summary>
    public const int GroupNameMax = 64;

    /// <summary>The run fits the window and the settings of nobody forbid it.</summary>
    /// <param name="run">As it was given; 0 stands for the whole window.</param>
    /// <param name="slotCount">Slots of the window.</param>
    public static IEnumerable<Wrong> Run(int run, long slotCount)
    {
        if (run < 0 || run > RunMax) yield return new Wrong("run_slot_count", $"is {run}: give 1 to {RunMax}, or 0 for the whole window.");
        else if (run > slotCount) yield return new Wrong("run_slot_count", $"is {run}: the window has only {slotCount} slots.");
    }

    /// <summary>Named starts are slots of the window that leave room for the run.</summary>
    public static IEnumerable<Wrong> Starts(IReadOnlyList<DateTimeOffset> starts, DateTimeOffset from, DateTimeOffset to, int run, SlotGrid slots)
    {
        const string field = "start_times";
        if (starts.Count > BlockStarts.Most) yield return new Wrong(field, $"has {starts.Count} starts: give at most {BlockStarts.Most}.");
        if (starts.Distinct().Count() != starts.Count) yield return new Wrong(field, "names a start twice: name each once.");
        foreach (var start in starts)
        {
            if (slots.Begins(start) && start >= from && start + (run * slots.Length) <= to) continue;
            yield return new Wrong(field, $"has {start:u}: a run of {run} can start with a slot from {from:u} to {to - (run * slots.Length):u}.");
            yield break;
        }
    }

    /// <summary>Minimum fill, node groups, parent and group, each and together.</summary>
    public static IEnumerable<Wrong> Relations(int minFill, int nodeGpus, int gpus, long parent, string group)
    {
        if (minFill != 0 && minFill is < MinFillMin or > 1_000)
            yield return new Wrong("min_fill_per_mille", $"is {minFill}: give {MinFillMin} to 1000, or 0 for 1000.");
        if (nodeGpus < 0 || (nodeGpus > 0 && gpus > 0 && gpus % nodeGpus != 0))
            yield return new Wrong("node_gpu_count", $"is {nodeGpus}: it must divide the {gpus} GPUs, or be 0 for any spread.");
        if (parent < 0) yield return new Wrong("parent_bid_id", $"is {parent}: bids are numbered from 1.");
        if (group.Length > GroupNameMax || !group.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
            yield return new Wrong("group", $"is not a group's name: at most {GroupNameMax} letters, digits, '-', '_' and '.'.");
        if (group.Length > 0 && parent > 0) yield return new Wrong("group", "is given beside parent_bid_id: a block has one or the other.");
    }
}
