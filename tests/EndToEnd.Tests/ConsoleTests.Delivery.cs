using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <content>Delivery: hosts, search, what a lease's page says, and who is told.</content>
public partial class ConsoleTests
{
    [Fact]
    public async Task A_host_is_added_with_a_command_to_type_and_the_page_waits_for_it()
    {
        var page = await stage.Open("/provide");
        await ConsoleStage.SignIn(page, "rack-01");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a host" }).First.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Add a host" });
        await dialog.GetByRole(AriaRole.Combobox, new() { Name = "Region" }).FillAsync("sim lab!");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        await dialog.Locator(".mantine-TextInput-error").WaitForAsync();
        await dialog.GetByRole(AriaRole.Combobox, new() { Name = "Region" }).FillAsync("us-east");
        await dialog.GetByLabel("Name").FillAsync("rack 9");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        (await dialog.GetByTestId("enrol-command").InnerTextAsync()).ShouldContain("enrol");
        await dialog.GetByText("Waiting for the host").WaitForAsync();
        await ConsoleStage.Picture(page, "provide-host");

        // The token is nowhere else: closed, the page has forgotten it.
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a host" }).First.ClickAsync();
        (await dialog.GetByTestId("enrol-command").CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_registered_by_hand_has_a_page_that_says_that_nobody_has_looked()
    {
        var page = await stage.Open("/provide");
        await ConsoleStage.SignIn(page, "rack-01");
        await RegisterNode(page, "rack by hand");
        await page.GetByRole(AriaRole.Link, new() { Name = "rack by hand" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "rack by hand" }).WaitForAsync();
        await page.GetByText("declared", new() { Exact = true }).First.WaitForAsync();
        await page.GetByRole(AriaRole.Region, new() { Name = "Score" }).GetByText("GPU-hours delivered of sold").WaitForAsync();
        (await page.GetByRole(AriaRole.Button, new() { Name = "Change policy" }).CountAsync()).ShouldBe(0);
        await ConsoleStage.Picture(page, "node-declared");
    }

    [Fact]
    public async Task A_refused_filter_is_shown_with_the_wrong_word_marked()
    {
        var page = await stage.Open("/buy");
        await ConsoleStage.SignIn(page, "buyer-02");
        var search = page.GetByRole(AriaRole.Region, new() { Name = "Search" });
        await search.GetByLabel("Filter", new() { Exact = true }).FillAsync("gpus >= 4 and colour = red");
        await search.GetByRole(AriaRole.Button, new() { Name = "Search", Exact = true }).ClickAsync();
        (await search.Locator("mark").InnerTextAsync()).ShouldBe("colour");
        await search.GetByLabel("Filter", new() { Exact = true }).FillAsync("gpus>=4 and nvlink = false");
        await search.GetByRole(AriaRole.Button, new() { Name = "Search", Exact = true }).ClickAsync();
        await search.GetByText("Understood as").WaitForAsync();
        (await search.Locator("mark").CountAsync()).ShouldBe(0);
        await ConsoleStage.Picture(page, "buy-search");
    }

    [Fact]
    public async Task A_block_bears_what_it_asks_of_nodes()
    {
        var page = await stage.Open("/buy");
        await ConsoleStage.SignIn(page, "buyer-02");
        await page.GetByText("Block", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("GPUs", new() { Exact = true }).FillAsync("2");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Earliest start" }).FillAsync("+40h");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Latest end" }).FillAsync("+42h");
        await page.GetByLabel("Limit, $/GPU-h").FillAsync("0.40");
        await page.GetByLabel("Only nodes where").FillAsync("verified and zone = EU");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review bid" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Confirm bid" });
        await dialog.GetByText("verified and zone = EU").WaitForAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Place bid" }).ClickAsync();
        await page.GetByRole(AriaRole.Table, new() { Name = "Bids" }).GetByText(new Regex("Only nodes where .*verified")).First.WaitForAsync();
    }

    [Fact]
    public async Task A_webhook_shows_its_secret_once_and_can_be_removed()
    {
        var page = await stage.Open("/buy");
        await ConsoleStage.SignIn(page, "buyer-01");
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Webhooks" });
        await OpenWebhooks(page);
        await dialog.GetByLabel("Address").FillAsync("ftp://example.com");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add webhook" }).ClickAsync();
        await dialog.Locator(".mantine-TextInput-error").WaitForAsync();
        await dialog.GetByLabel("Address").FillAsync("https://example.com/exchange");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add webhook" }).ClickAsync();
        (await dialog.GetByTestId("webhook-secret").InnerTextAsync()).Length.ShouldBeGreaterThan(20);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        await OpenWebhooks(page);
        (await dialog.GetByTestId("webhook-secret").CountAsync()).ShouldBe(0);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Remove webhook https://example.com/exchange" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove it" }).ClickAsync();
        await dialog.GetByText("No webhook yet").WaitForAsync();
    }

    [Theory]
    [InlineData("nodes", "Nodes")]
    [InlineData("disputes", "Disputes")]
    public async Task An_operator_has_a_view_of(string view, string title)
    {
        var page = await stage.Open($"/operate?view={view}");
        await ConsoleStage.SignIn(page, "operator");
        await page.GetByRole(AriaRole.Region, new() { Name = title }).WaitForAsync();
        (await page.GetByText("could not be loaded").CountAsync()).ShouldBe(0);
        await ConsoleStage.Picture(page, $"operate-{view}");
    }

    private static async Task OpenWebhooks(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account:") }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Webhooks" }).ClickAsync();
    }
}
