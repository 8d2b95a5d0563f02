namespace ComputeExchange.Solver;

/// <summary>The best valid allocation found so far, with prices that support it.</summary>
internal sealed class Incumbent
{
    readonly RevenuePrices _revenue;

    /// <summary>Starts with no block filled: that is always valid.</summary>
    public Incumbent(Model model)
    {
        _revenue = new RevenuePrices(model);
        Allocation = new Allocation(model);
        Prices = Allocation.Low.ToArray();
        Welfare = Allocation.Welfare;
    }

    public Allocation Allocation { get; }

    /// <summary>A valid price of each cell: those at which the divisible bids are filled.</summary>
    public long[] Prices { get; private set; }

    /// <summary>GPUs × (limit − reserve) × minutes.</summary>
    public Int128 Welfare { get; private set; }

    /// <summary>An answer is not looked for where none can be better than this: half of what "optimal" tolerates.</summary>
    public Int128 Enough => Welfare + Welfare / 20_000;

    /// <summary>Takes an allocation if it is better and has prices; false when it lacks prices at no loss.</summary>
    public bool Offer(Allocation allocation)
    {
        if (allocation.Welfare <= Welfare) return true;
        if (_revenue.PricesOf(allocation) is not { } prices) return false;
        Take(allocation, prices, allocation.Welfare);
        return true;
    }

    /// <summary>The same for an allocation that has prices only at some loss.</summary>
    /// <returns>False when the allowance ran out before that was known.</returns>
    public bool OfferAtLoss(Allocation allocation, Allowance allowance)
    {
        if (_revenue.LeastLoss(allocation, allocation.Welfare - Welfare, allowance, out var complete) is { } raised)
            Take(allocation, raised.Prices, allocation.Welfare - raised.Loss);
        return complete;
    }

    void Take(Allocation allocation, long[] prices, Int128 welfare)
    {
        Allocation.CopyFrom(allocation);
        (Prices, Welfare) = (prices, welfare);
    }
}
