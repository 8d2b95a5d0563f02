namespace ComputeExchange.Solver;

/// <summary>Which options each block still has in a part of the search, and which blocks must take one.</summary>
internal sealed class Domain
{
    readonly bool[][] _open;

    public Domain(Model model)
    {
        _open = [.. model.Blocks.Select(block => Enumerable.Repeat(true, block.Options.Length).ToArray())];
        Left = [.. model.Blocks.Select(block => block.Options.Length)];
        Must = new bool[model.Blocks.Length];
    }

    /// <summary>How many options each block has left.</summary>
    public int[] Left { get; }

    /// <summary>Blocks that this part of the search fills.</summary>
    public bool[] Must { get; }

    public bool IsOpen(int block, int option) => _open[block][option];

    /// <summary>Filled at the one option left, or not at all.</summary>
    public bool IsDecided(int block) => Left[block] == 0 || (Must[block] && Left[block] == 1);

    public int OnlyOption(int block) => Array.IndexOf(_open[block], true);

    public void Close(int block, int option)
    {
        if (!_open[block][option]) return;
        _open[block][option] = false;
        Left[block]--;
    }

    public void Reopen(int block, int option)
    {
        _open[block][option] = true;
        Left[block]++;
    }
}
