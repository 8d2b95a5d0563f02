using System.Globalization;
using ComputeExchange.Access.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Playwright;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>An exchange with its console, a few participants who can sign in by name, and a real browser in front of it.</summary>
public sealed class ConsoleStage : IAsyncLifetime
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal RunningHost Host { get; private set; } = null!;

    internal Story Story { get; private set; } = null!;

    /// <summary>Where the console is.</summary>
    public string Address => $"http://127.0.0.1:{(Host.Port + 1).ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Where pictures of the pages are left for people to look at.</summary>
    public static string Pictures { get; } = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "pictures")).FullName;

    public async ValueTask InitializeAsync()
    {
        Host = await RunningHost.Start();
        Story = new Story(Host.Addresses, Host.OperatorKey, CancellationToken.None);
        await Story.MoveClock(Story.Start);
        await Story.Ask(() => Story.Operator.Markets.DefineMarketAsync(new DefineMarketRequest
        {
            RequestId = Story.Id("market"),
            Market = new DefineMarket { Market = Story.Market, State = MarketState.Open },
        }).ResponseAsync);
        var settings = (await Story.Ask(() => Story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest()).ResponseAsync)).Settings;
        settings.RunIntervalSeconds = 1_800;
        await Story.Ask(() => Story.Operator.Markets.ChangeSettingsAsync(new ChangeSettingsRequest { RequestId = Story.Id("settings"), Settings = settings }).ResponseAsync);
        await Seat("rack-01", Role.Provider);
        await Seat("buyer-01", Role.Buyer);
        await Seat("buyer-02", Role.Buyer);
        await Story.MoveClock(Story.Start);

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Browsers.FirstOrDefault(File.Exists)
                ?? throw new InvalidOperationException("No browser: install Debian's chromium, with: apt-get install chromium"),
            Args = Flags,
        });
    }

    /// <summary>A browser of its own, with nobody signed in.</summary>
    public async Task<IPage> Open(string path, bool dark = false)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Address,
            ViewportSize = new ViewportSize { Width = 1280, Height = 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            TimezoneId = "America/New_York",
        });
        context.SetDefaultTimeout(60_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync(path);
        return page;
    }

    /// <summary>Signs in through the page, by name.</summary>
    public static async Task SignIn(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog, new() { Name = "Sign in" }).GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new($"^Account: {name}") }).WaitForAsync();
    }

    public static Task Picture(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Pictures, name + ".png"), FullPage = true });

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        Story?.Dispose();
        if (Host is not null) await Host.DisposeAsync();
    }

    /// <summary>Admits a participant with money, and leaves its key where a demo's are.</summary>
    private async Task Seat(string name, Role role)
    {
        await Story.Admit(name, role);
        await Story.Ask(() => Story.Operator.Settlement.DepositAsync(new DepositRequest
        {
            RequestId = Story.Id("deposit", name),
            ParticipantId = Story.Id("participant", name),
            AmountMicros = 500 * Money.MicrosPerDollar,
        }).ResponseAsync);
        await File.WriteAllTextAsync(Path.Combine(Host.Folder, "keys", name), await Story.Key(name) + "\n");
    }
}
