using ComputeExchange.MatchingEngine.Core.State;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>Blocks: where they may start, and the families and groups that bind them to one another.</summary>
public sealed partial class Exchange
{
    private Event.Refused? WhyNotBlock(Command.PlaceBid command)
    {
        Event.Refused No(string reason, string field, string message) => new(reason, field, message, command.Buyer);

        if (WrongWindow(command.From, command.To, Settings.HorizonSlots) is { } window) return No(window.Reason, window.Field, window.Message);
        var (from, to) = (SlotOf(command.From), SlotOf(command.To));
        var longest = Math.Min(Settings.LongestRun, to - from);
        if (command.Run < 1 || command.Run > longest)
            return No("RUN_OUT_OF_RANGE", "run_slot_count", $"is {command.Run}; in this window it can be 1 to {longest}.");
        foreach (var start in command.Starts)
        {
            if (!IsSlotStart(start) || SlotOf(start) < from || SlotOf(start) > to - command.Run)
                return No("START_OUT_OF_WINDOW", "start_times",
                    $"names {start:u}; a run of {command.Run} can start with a slot from {StartOf(from):u} to {StartOf(to - command.Run):u}.");
        }
        if (command.Starts.Distinct().Count() != command.Starts.Count) return No("START_COUNT", "start_times", "names a start twice; name each once.");
        var starts = StartsOf(command);
        if (starts.Length > Settings.MostStarts)
            return No("START_COUNT", command.Starts.Count > 0 ? "start_times" : "to_time",
                $"leaves {starts.Length} possible starts; at most {Settings.MostStarts} can be solved for: narrow the window, or name the starts.");
        if (command.MinFill is < Settings.LeastMinFill or > 1_000)
            return No("MIN_FILL_OUT_OF_RANGE", "min_fill_per_mille", $"is {command.MinFill}; it can be {Settings.LeastMinFill} to 1000.");
        if (command.NodeGpus < 0 || (command.NodeGpus > 0 && command.Gpus % command.NodeGpus != 0))
            return No("NODE_GROUP", "node_gpu_count", $"is {command.NodeGpus}; it must divide the {command.Gpus} GPUs, or be 0 for any spread.");
        if (!starts.Any(start => CanStart(start, SlotOf(Now), IsCluster(command))))
            return No("WINDOW_PASSED", command.Starts.Count > 0 ? "start_times" : "from_time", IsCluster(command)
                ? $"leaves no start to come: GPUs of several nodes are sold {Settings.ClusterGateMinutes} minutes before they start at the latest."
                : $"the gate of {StartOf(starts[^1]):u} has closed, {Settings.GateMinutes} minutes before it.");
        return WhyNotNeeded(command) ?? WhyNotRelated(command);
    }

    private Event.Refused? WhyNotNeeded(Command.PlaceBid command)
    {
        if (command.Needs is not { } needs) return null;
        if (needs.Wrong() is { } wrong) return new("NEEDS_OUT_OF_RANGE", wrong.Field, wrong.Message, command.Buyer);
        foreach (var node in needs.Nodes)
            if (!_nodes.ContainsKey(node)) return new("NODE_UNKNOWN", "needs.node_ids", $"names {node}, which is no node of this exchange.", command.Buyer);
        return null;
    }

    private Event.Refused? WhyNotRelated(Command.PlaceBid command)
    {
        Event.Refused No(string reason, string field, string message) => new(reason, field, message, command.Buyer);

        if (command.Group.Length > 0)
        {
            if (command.Parent != 0) return No("PARENT_AND_GROUP", "group", "is given beside a parent; a block has one or the other.");
            if (command.Group.Length > Settings.LongestGroupName || !command.Group.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
                return No("GROUP_NAME", "group", $"'{command.Group}' is not a group's name: at most {Settings.LongestGroupName} letters, digits, '-', '_' and '.'.");
            if (GroupOf(command.Buyer, command.Group).Count() >= Settings.MostInGroup)
                return No("GROUP_SIZE", "group", $"'{command.Group}' has {Settings.MostInGroup} open blocks already; no group has more.");
            return null;
        }
        if (command.Parent == 0) return null;
        if (command.Parent < 0 || command.Parent > _lastBid)
            return No("PARENT_UNKNOWN", "parent_bid_id",
                $"there is no bid {command.Parent} yet: a parent is placed before its child, so that no block stands above itself.");
        if (!_bids.TryGetValue(command.Parent, out var parent) || parent.Terms.Buyer != command.Buyer || parent.ClosesAs is not null)
            return No("PARENT_NOT_OPEN", "parent_bid_id",
                $"you have no open bid {command.Parent}: if it was filled, bid without a parent; if it was closed unfilled, its child could never be filled.");
        if (!parent.IsBlock) return No("PARENT_NOT_BLOCK", "parent_bid_id", $"bid {command.Parent} is not a block; only a block can be a parent.");
        if (ChildrenOf(parent.Id).Count() >= Settings.MostChildren)
            return No("PARENT_CHILDREN", "parent_bid_id", $"block {command.Parent} has {Settings.MostChildren} open children already; no block has more.");
        if (GenerationOf(parent) >= Settings.DeepestFamily)
            return No("PARENT_TOO_DEEP", "parent_bid_id", $"block {command.Parent} stands {Settings.DeepestFamily} below another already; no family is deeper.");
        return null;
    }

    private long[] StartsOf(Command.PlaceBid command) =>
        command.Kind != BidKind.Block ? []
        : command.Starts.Count > 0 ? [.. command.Starts.Select(SlotOf).Order()]
        : [.. Enumerable.Range(0, (int)Math.Max(0, SlotOf(command.To) - SlotOf(command.From) - command.Run + 1)).Select(s => SlotOf(command.From) + s)];

    private static bool IsCluster(Command.PlaceBid command) => command.NodeGpus > 0 && command.Gpus > command.NodeGpus;

    /// <summary>Whether a block can still be sold with a start in that slot.</summary>
    private bool CanStart(Bid block, long slot) => CanStart(slot, block.PromptSlot, block.IsCluster);

    /// <remarks>The slot in progress is a start only for a block that was placed in it: who bid before wanted the whole slot.</remarks>
    private bool CanStart(long slot, long promptSlot, bool isCluster)
    {
        if (!IsTradable(slot, Now)) return false;
        var start = StartOf(slot);
        if (isCluster) return Now < start - TimeSpan.FromMinutes(Settings.ClusterGateMinutes);
        return start > Now || slot == promptSlot;
    }

    private IEnumerable<Bid> ChildrenOf(long parent) => _bids.Values.Where(bid => bid.Parent == parent);

    private IEnumerable<Bid> GroupOf(Guid buyer, string group) =>
        _bids.Values.Where(bid => bid.Terms.Group == group && bid.Terms.Buyer == buyer);

    /// <summary>How many open blocks stand above a block.</summary>
    private int GenerationOf(Bid block)
    {
        var above = 0;
        for (var at = block; at.Parent != 0; at = _bids[at.Parent]) above++;
        return above;
    }

    /// <summary>A block has come to its end: what that means for its children and its group.</summary>
    private void EndFamily(Bid block, CloseReason reason)
    {
        foreach (var child in ChildrenOf(block.Id).ToList())
        {
            if (reason == CloseReason.Filled) child.Parent = 0;
            else Close(child, child.ClosesAs ?? (reason == CloseReason.Suspended ? reason : CloseReason.ParentClosed));
        }
        if (reason != CloseReason.Filled || block.Terms.Group.Length == 0) return;
        foreach (var other in GroupOf(block.Terms.Buyer, block.Terms.Group).ToList()) Close(other, CloseReason.GroupFilled);
    }
}
