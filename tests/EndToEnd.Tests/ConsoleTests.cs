using System.Text.RegularExpressions;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>The console in a real browser. One exchange for all of it: each test takes hours of its own.</summary>
[Trait("Pace", "any")]
public partial class ConsoleTests(ConsoleStage stage) : IClassFixture<ConsoleStage>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_provider_and_a_buyer_come_from_offer_to_payout_on_the_page_without_reloading_it()
    {
        var now = await Now();
        var provider = await stage.Open("/provide");
        await ConsoleStage.SignIn(provider, "rack-01");
        await RegisterNode(provider, "rack 1");
        await provider.GetByRole(AriaRole.Region, new() { Name = "New offer" }).GetByLabel("Node").ClickAsync();
        await provider.GetByRole(AriaRole.Option, new() { NameRegex = new("rack 1") }).ClickAsync();
        await provider.GetByLabel("Reserve, $/GPU-h").FillAsync("2.00");
        await provider.GetByRole(AriaRole.Button, new() { Name = "Review offer" }).ClickAsync();
        await provider.GetByRole(AriaRole.Dialog, new() { Name = "Confirm offer" }).GetByRole(AriaRole.Button, new() { Name = "Place offer" }).ClickAsync();
        await provider.GetByText(OfferPlaced()).WaitForAsync();

        var buyer = await stage.Open("/buy");
        await ConsoleStage.SignIn(buyer, "buyer-01");
        await buyer.GetByLabel("GPUs", new() { Exact = true }).FillAsync("8");
        await buyer.GetByRole(AriaRole.Combobox, new() { Name = "From" }).FillAsync("+1h");
        await buyer.GetByRole(AriaRole.Combobox, new() { Name = "To", Exact = true }).FillAsync("+3h");
        await buyer.GetByLabel("Limit, $/GPU-h").FillAsync("2.50");
        await buyer.GetByRole(AriaRole.Button, new() { Name = "Review bid" }).ClickAsync();
        await buyer.GetByRole(AriaRole.Dialog, new() { Name = "Confirm bid" }).GetByRole(AriaRole.Button, new() { Name = "Place bid" }).ClickAsync();
        var placed = await buyer.GetByText(BidPlaced()).InnerTextAsync();
        var bid = buyer.GetByRole(AriaRole.Table, new() { Name = "Bids" }).GetByRole(AriaRole.Row, new() { NameRegex = new($"^{Digits().Match(placed).Value} ") });
        await buyer.GetByRole(AriaRole.Table, new() { Name = "Bids" }).GetByText("Waits for the next run.").First.WaitForAsync();
        await ConsoleStage.Picture(buyer, "buy-waiting");

        // The run clears: both pages say so by themselves.
        await stage.Story.MoveClock(now.AddMinutes(31));
        await bid.GetByText("filled").WaitForAsync();
        await buyer.GetByRole(AriaRole.Table, new() { Name = "Leases" }).Locator("tbody tr").First.WaitForAsync();
        await ConsoleStage.Picture(buyer, "buy-filled");

        // The run has a page for everyone; the browser checks that the record is the one that was published.
        var run = (await stage.Story.Operator.OrderBook.ListRunsAsync(new ListRunsRequest(), cancellationToken: Cancel)).Runs.First(one => one.LeaseCount > 0);
        var visitor = await stage.Open($"/runs/{run.RunId}");
        await visitor.GetByText("The bytes served to this page have the published hash.").WaitForAsync();
        await visitor.GetByText(run.RecordSha256).WaitForAsync();
        (await visitor.GetByRole(AriaRole.Table, new() { Name = "Prices" }).Locator("tbody tr").CountAsync()).ShouldBeGreaterThan(0);
        var problem = await visitor.RunAndWaitForDownloadAsync(() => visitor.GetByRole(AriaRole.Button, new() { Name = "Download problem" }).ClickAsync());
        (await File.ReadAllBytesAsync(await problem.PathAsync(), Cancel)).ShouldBe(
            (await stage.Story.Operator.OrderBook.GetRunRecordAsync(new GetRunRecordRequest { RunId = run.RunId }, cancellationToken: Cancel)).ProblemFile.ToByteArray());
        await ConsoleStage.Picture(visitor, "run");

        await Deliver("rack-01", "buyer-01");
        await stage.Story.MoveClock(now.AddHours(28));
        await provider.GetByRole(AriaRole.Region, new() { Name = "Earnings" }).GetByText("Payouts", new() { Exact = true }).ClickAsync();
        await provider.GetByRole(AriaRole.Table, new() { Name = "Payouts" }).Locator("tbody tr").First.WaitForAsync();
        await ConsoleStage.Picture(provider, "provide-paid");
        await stage.Story.BooksAreExact();
    }

    [Fact]
    public async Task A_visitor_sees_an_order_in_the_depth_as_it_is_placed()
    {
        var now = await Now();
        var visitor = await stage.Open("/market");
        var depth = visitor.GetByRole(AriaRole.Region, new() { Name = "Depth" });
        await depth.WaitForAsync();

        using var buyer = new ExchangeClient(stage.Host.Addresses, await KeyOf("buyer-02"));
        var bid = Bid(now.AddHours(2), 3, 1_234_000);
        await buyer.OrderBook.PlaceBidAsync(bid, cancellationToken: Cancel);
        await depth.GetByText("$1.234").First.WaitForAsync(new() { Timeout = 20_000 });
        await ConsoleStage.Picture(visitor, "market");
    }

    [Fact]
    public async Task A_block_with_a_window_shows_its_starts_before_it_counts_and_its_reason_after()
    {
        var page = await stage.Open("/buy");
        await ConsoleStage.SignIn(page, "buyer-02");
        await page.GetByText("Block", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("GPUs", new() { Exact = true }).FillAsync("16");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Earliest start" }).FillAsync("+30h");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Latest end" }).FillAsync("+36h");
        await page.GetByLabel("Slots in a row").FillAsync("4");
        await page.GetByLabel("Least fill, %").FillAsync("50");
        await page.GetByLabel("Limit, $/GPU-h").FillAsync("0.50");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review bid" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Confirm bid" });
        await dialog.GetByText("Starts, 3 possible").WaitForAsync();
        await dialog.GetByText("as a block: at least 50% of its GPUs, or nothing").WaitForAsync();
        await dialog.GetByText("$32.05").WaitForAsync();
        await ConsoleStage.Picture(page, "buy-block");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Place bid" }).ClickAsync();
        await page.GetByText(BidPlaced()).WaitForAsync();
        await page.GetByRole(AriaRole.Table, new() { Name = "Bids" }).GetByText("Waits for the next run.").First.WaitForAsync();
    }

    [Fact]
    public async Task What_the_exchange_refuses_is_said_beside_the_field()
    {
        var page = await stage.Open("/buy");
        await ConsoleStage.SignIn(page, "buyer-02");
        await page.GetByLabel("GPUs", new() { Exact = true }).FillAsync("4000");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "From" }).FillAsync("+2h");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "To", Exact = true }).FillAsync("+5h");
        await page.GetByLabel("Limit, $/GPU-h").FillAsync("9");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review bid" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Confirm bid" });
        await dialog.GetByText("Free after that").WaitForAsync();
        if (await dialog.GetByLabel("I mean this limit").IsVisibleAsync()) await dialog.GetByLabel("I mean this limit").CheckAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Place bid" }).ClickAsync();
        await page.GetByText(new Regex("this bid needs", RegexOptions.IgnoreCase)).First.WaitForAsync();
        await ConsoleStage.Picture(page, "buy-refused");
    }

    [Theory]
    [InlineData("/market", null)]
    [InlineData("/buy", "buyer-01")]
    [InlineData("/provide", "rack-01")]
    [InlineData("/money", "buyer-01")]
    [InlineData("/operate", "operator")]
    public async Task Every_page_can_be_used_by_everyone_in_light_and_in_dark(string path, string? name)
    {
        foreach (var dark in (bool[])[false, true])
        {
            var page = await stage.Open(path, dark);
            if (name is not null) await ConsoleStage.SignIn(page, name);
            await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).First.WaitForAsync();
            await page.WaitForFunctionAsync("!document.querySelector('.mantine-Skeleton-root[data-visible]')");
            await page.EvaluateAsync(await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "services/Web/Page/node_modules/axe-core/axe.min.js"), Cancel));
            var breaches = await page.EvaluateAsync<string[]>(
                "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`)");
            await ConsoleStage.Picture(page, $"{path.Trim('/')}-{(dark ? "dark" : "light")}");
            breaches.ShouldBeEmpty($"{path}, {(dark ? "dark" : "light")}");
            await page.Context.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_operator_sees_that_every_service_is_up()
    {
        var page = await stage.Open("/operate");
        await ConsoleStage.SignIn(page, "operator");
        var services = page.GetByRole(AriaRole.Table, new() { Name = "Services" });
        foreach (var service in (string[])["matching engine", "order book", "settlement", "provider registry", "pricing", "participants"])
            await services.GetByText(service, new() { Exact = true }).WaitForAsync();
        (await services.GetByText("up", new() { Exact = true }).CountAsync()).ShouldBe(6);
    }

    [Fact]
    public async Task When_the_exchange_goes_away_the_page_says_so_and_goes_on_when_it_is_back()
    {
        var page = await stage.Open("/market");
        await page.GetByRole(AriaRole.Region, new() { Name = "Depth" }).WaitForAsync();
        await stage.Host.KillHard();
        var alert = page.GetByText(new Regex("disconnected", RegexOptions.IgnoreCase)).First;
        await alert.WaitForAsync();
        await ConsoleStage.Picture(page, "market-disconnected");
        await stage.Host.StartAgain();
        await alert.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await page.GetByRole(AriaRole.Table, new() { Name = "Markets" }).GetByText("H100-SXM-80GB").First.WaitForAsync();
    }

    private static async Task RegisterNode(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Register a node" }).First.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Register a node" });
        await dialog.GetByLabel("Name").FillAsync(name);
        await dialog.GetByLabel("Market").First.ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = Story.Market }).ClickAsync();
        await dialog.GetByLabel("GPUs").FillAsync("8");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Register", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Table, new() { Name = "Nodes" }).GetByText(name).First.WaitForAsync();
    }

    /// <summary>Every hour of a buyer's leases is delivered and reported.</summary>
    private async Task Deliver(string providerName, string buyerName)
    {
        using var provider = new ExchangeClient(stage.Host.Addresses, await KeyOf(providerName));
        using var buyer = new ExchangeClient(stage.Host.Addresses, await KeyOf(buyerName));
        var leases = (await buyer.Registry.ListLeasesAsync(new ListLeasesRequest(), cancellationToken: Cancel)).Leases;
        foreach (var (lease, meter) in leases.SelectMany(lease => lease.Meters.Select(meter => (lease, meter))).OrderBy(each => each.meter.ToTime.Seconds))
        {
            await stage.Story.MoveClock(meter.ToTime.ToDateTimeOffset());
            await provider.Registry.ReportMeterAsync(
                new ReportMeterRequest { LeaseId = lease.LeaseId, SlotIndex = meter.SlotIndex, DeliveredGpuSeconds = meter.SoldGpuSeconds }, cancellationToken: Cancel);
        }
    }

    private static PlaceBidRequest Bid(DateTimeOffset from, int gpus, long limitMicros)
    {
        var bid = new PlaceBidRequest
        {
            RequestId = Story.Id("bid", from, limitMicros), Kind = BidKind.Divisible, GpuCount = gpus, LimitMicrosPerGpuHour = limitMicros, Confirm = true,
            FromTime = new DateTimeOffset(from.Year, from.Month, from.Day, from.Hour, 0, 0, TimeSpan.Zero).AddHours(-1).ToTimestamp(),
            ToTime = new DateTimeOffset(from.Year, from.Month, from.Day, from.Hour, 0, 0, TimeSpan.Zero).AddHours(3).ToTimestamp(),
        };
        bid.Markets.Add(Story.Market);
        return bid;
    }

    private async Task<DateTimeOffset> Now() =>
        (await stage.Story.Ask(() => stage.Story.Operator.Clock.GetClockAsync(new GetClockRequest(), cancellationToken: Cancel).ResponseAsync)).ClockTime.ToDateTimeOffset();

    private async Task<string> KeyOf(string name) => (await File.ReadAllTextAsync(Path.Combine(stage.Host.Folder, "keys", name), Cancel)).Trim();

    [GeneratedRegex(@"Offer \d+ was placed")]
    private static partial Regex OfferPlaced();

    [GeneratedRegex(@"Bid \d+ was placed")]
    private static partial Regex BidPlaced();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();
}
