namespace ComputeExchange.Solver;

/// <summary>Solves one component: a good answer early, a bound beside it, then the search for better ones and the proof, as far as it is let.</summary>
internal sealed class ComponentSearch
{
    /// <summary>Steps of the bound's descent before the first answers, and between two rounds of search.</summary>
    const int FirstRounds = 200;
    const int MoreRounds = 500;

    readonly Model _model;
    readonly ulong _seed;
    readonly DualBound _dual;
    readonly Domain _open;
    readonly long[] _prices;
    LocalSearch? _local;
    ChoiceSearch? _choices;

    public ComponentSearch(Model model, ulong seed, Action tell, long?[][]? start)
    {
        (_model, _seed) = (model, seed);
        Incumbent = new Incumbent(model, tell);
        (_dual, _open) = (new DualBound(model), new Domain(model));
        _prices = _dual.From(Incumbent.Prices);

        // Without blocks the cells' crossings are the optimum, and the bound at the crossing prices says so.
        Bound = _dual.At(_prices, _open) ?? Incumbent.Welfare;
        if (start is null || IsProven) return;
        long[] cells = [.. Incumbent.Prices];
        for (var cell = 0; cell < cells.Length; cell++)
            if (start[cell / model.Problem.Slots][model.SlotOf(cell)] is { } price) cells[cell] = price;
        var warm = _dual.From(cells);
        if (_dual.Refresh(warm, _open) is not { } bound || bound >= Bound) return;
        Bound = bound;
        warm.CopyTo(_prices, 0);
    }

    public Model Model => _model;

    public Incumbent Incumbent { get; }

    /// <summary>No valid answer is above this; weighted as <see cref="Incumbent.Welfare"/>.</summary>
    public Int128 Bound { get; private set; }

    /// <summary>Whether nothing can be better by more than is tolerated.</summary>
    public bool IsProven => Bound <= Incumbent.Enough;

    /// <summary>Whether everything was looked at, so that more time would bring nothing.</summary>
    public bool IsFinished => IsProven || _choices is { IsFinished: true };

    /// <summary>How much work it is likely to be: by its blocks.</summary>
    public int Size => _model.Blocks.Length + 1;

    /// <summary>Searches on within an allowance.</summary>
    public void Run(Allowance allowance, Action tell)
    {
        if (IsFinished) return;
        if (_local is null)
        {
            _local = new LocalSearch(_model, Incumbent, _seed);
            _local.Construct(b => _model.Blocks[b].Limit, allowance);
            Tighten(FirstRounds, allowance, tell);
            _local.Construct(_dual.WorthOf, allowance);
            Tighten(MoreRounds, allowance, tell);
        }

        _local.Improve(Bound, patience: 300 + 2 * _model.Blocks.Length, allowance);
        Tighten(MoreRounds, allowance, tell);
        if (IsProven || allowance.Exhausted) return;
        _choices ??= new ChoiceSearch(_model, Incumbent, _dual, _local, _prices, Bound);
        for (var turn = 0; turn < 6 && !IsFinished && !allowance.Exhausted; turn++)
        {
            // The proof and the search for better answers take turns, each with a part of what is left.
            var (given, share) = (allowance.Left / 4, allowance.Share(1, 4));
            Bound = Int128.Min(Bound, _choices.Run(share, tell));
            allowance.Settle(share, given);
            if (!IsFinished) _local.Improve(Bound, patience: 200 + _model.Blocks.Length, allowance);
        }

        if (!IsFinished) Bound = Int128.Min(Bound, _choices.Run(allowance, tell));
        Bound = Int128.Max(Bound, Incumbent.Welfare);
    }

    void Tighten(int rounds, Allowance allowance, Action tell)
    {
        if (IsProven) return;
        Bound = Int128.Min(Bound, _dual.Improve(_prices, _open, null, Incumbent.Welfare, Incumbent.Enough, rounds, 1.0, allowance) ?? Bound);
        if (!IsProven) Bound = Int128.Min(Bound, _dual.Polish(_prices, _open, Incumbent.Enough, allowance) ?? Bound);
        tell();
    }
}
