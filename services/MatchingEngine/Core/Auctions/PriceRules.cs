namespace ComputeExchange.MatchingEngine.Core.Auctions;

/// <summary>Rule 0, its second part: a price exactly where something is filled.</summary>
static class PriceRules
{
    public static void Check(AuctionSheet sheet, BreachList breaches)
    {
        var problem = sheet.Problem;
        var changes = new int[problem.Markets.Count][];
        for (var market = 0; market < changes.Length; market++) changes[market] = new int[problem.Slots + 1];
        foreach (var fill in sheet.Fills)
        {
            var row = changes[problem.Offers[fill.Offer].Market];
            row[fill.From]++;
            row[fill.To]--;
        }

        for (var market = 0; market < changes.Length; market++)
        {
            var fills = 0;
            for (var slot = 0; slot < problem.Slots; slot++)
            {
                fills += changes[market][slot];
                var price = sheet.Price[market][slot];
                var isPriced = price != AuctionSheet.None;
                if (isPriced == fills > 0 || !breaches.Takes(0)) continue;
                var place = $"in {problem.Markets[market]} in slot {slot}";
                breaches.Add(0, null, null, market, slot, isPriced
                    ? $"The price {place} is {price} though nothing is filled there; it is null."
                    : $"The price {place} is null though something is filled there.");
            }
        }
    }
}
