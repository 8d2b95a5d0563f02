namespace ComputeExchange.Solver;

/// <summary>What a part of the search leaves open: each block's options and their pools, and what is certain.</summary>
/// <remarks>Every change can be undone, the latest first.</remarks>
internal sealed class Domain
{
    readonly record struct Change(int Block, int Option, BlockOption? Before);

    readonly bool[][] _open;
    readonly BlockOption[][] _options;
    readonly Stack<Change> _changes = [];
    readonly List<(int Block, int Pool)> _uses = [];

    public Domain(Model model)
    {
        _open = [.. model.Blocks.Select(block => Enumerable.Repeat(true, block.Options.Length).ToArray())];
        _options = [.. model.Blocks.Select(block => block.Options.ToArray())];
        Left = [.. model.Blocks.Select(block => block.Options.Length)];
        Must = new bool[model.Blocks.Length];
    }

    /// <summary>How many options each block has left.</summary>
    public int[] Left { get; }

    /// <summary>Blocks that this part of the search fills.</summary>
    public bool[] Must { get; }

    /// <summary>Pools that a filled block certainly takes some GPUs of.</summary>
    public List<(int Block, int Pool)> Uses => _uses;

    /// <summary>How many changes there are to undo.</summary>
    public int Mark => _changes.Count;

    public bool IsOpen(int block, int option) => _open[block][option];

    /// <summary>Filled at the one option left, or not at all.</summary>
    public bool IsDecided(int block) => Left[block] == 0 || IsPlaced(block);

    /// <summary>Filled at the one option left.</summary>
    public bool IsPlaced(int block) => Must[block] && Left[block] == 1;

    public int OnlyOption(int block) => Array.IndexOf(_open[block], true);

    /// <summary>An option with the pools that it has left.</summary>
    public BlockOption OptionOf(int block, int option) => _options[block][option];

    public bool Close(int block, int option)
    {
        if (!_open[block][option]) return false;
        _open[block][option] = false;
        Left[block]--;
        _changes.Push(new Change(block, option, null));
        return true;
    }

    public bool CloseAll(int block)
    {
        if (Left[block] == 0) return false;
        for (var o = 0; o < _open[block].Length; o++) Close(block, o);
        return true;
    }

    /// <summary>Makes it certain that a block is filled.</summary>
    public bool Demand(int block)
    {
        if (Must[block]) return false;
        Must[block] = true;
        _changes.Push(new Change(block, -1, null));
        return true;
    }

    /// <summary>Takes pools away from an option.</summary>
    public void Without(int block, int option, Predicate<int> gone)
    {
        var before = _options[block][option];
        _options[block][option] = before.With([.. before.Pools.Where(p => !gone(p))]);
        _changes.Push(new Change(block, option, before));
    }

    /// <summary>Makes it certain that a filled block takes some of a pool.</summary>
    public void Use(int block, int pool)
    {
        _uses.Add((block, pool));
        _changes.Push(new Change(-1, -1, null));
    }

    public void UndoTo(int mark)
    {
        while (_changes.Count > mark)
        {
            var change = _changes.Pop();
            if (change.Block < 0) _uses.RemoveAt(_uses.Count - 1);
            else if (change.Option < 0) Must[change.Block] = false;
            else if (change.Before is not null) _options[change.Block][change.Option] = change.Before;
            else
            {
                _open[change.Block][change.Option] = true;
                Left[change.Block]++;
            }
        }
    }
}
