using System.Text;
using ComputeExchange.Settlement.V1;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <content>Money: where it is and why, and how it leaves.</content>
public partial class ConsoleTests
{
    [Fact]
    public async Task A_buyer_names_a_bank_account_withdraws_to_it_and_reads_the_statement()
    {
        var page = await stage.Open("/money?view=destinations");
        await ConsoleStage.SignIn(page, "buyer-02");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a bank account" }).First.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Add a bank account" });
        await dialog.GetByLabel("Holder").FillAsync("Second Buyer Ltd");
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "IBAN" }).FillAsync("DE89 3704 0044 0532 0130 01");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await dialog.GetByText("does not match its check digits").WaitForAsync();
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "IBAN" }).FillAsync("DE89 3704 0044 0532 0130 00");
        await dialog.GetByLabel("Label").FillAsync("Main account");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Table, new() { Name = "Bank accounts" }).GetByText("DE…3000").WaitForAsync();

        // A new account waits before money can go there; the page says so and nothing leaves.
        await page.GetByRole(AriaRole.Tab, new() { Name = "Balances" }).ClickAsync();
        await page.GetByRole(AriaRole.Table, new() { Name = "Amounts" }).GetByText("Free", new() { Exact = true }).WaitForAsync();
        await AskOut(page);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert).WaitForAsync();
        await ConsoleStage.Picture(page, "money-cooling");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Back" }).ClickAsync();

        await stage.Story.MoveClock((await Now()).AddHours(49));
        await page.ReloadAsync();
        await AskOut(page);
        await page.GetByText("$25.00 was asked for").WaitForAsync();
        await page.GetByRole(AriaRole.Table, new() { Name = "Withdrawals" }).GetByText("paid", new() { Exact = true }).WaitForAsync();
        await ConsoleStage.Picture(page, "money-balances");

        await stage.Story.MoveClock((await Now()).AddHours(25));
        await page.GotoAsync("/money?view=statement");
        await page.GetByLabel("First day").FillAsync("2026-03-01");
        var movements = page.GetByRole(AriaRole.Table, new() { Name = "Movements" });
        await movements.Locator("tbody tr").First.WaitForAsync();
        await ConsoleStage.Picture(page, "money-statement");
        (await Download(page, "CSV")).ShouldContain("25.00");
        (await Download(page, "PDF")).ShouldStartWith("%PDF");
        await page.GetByRole(AriaRole.Tab, new() { Name = "Documents" }).ClickAsync();
        await page.GetByRole(AriaRole.Table, new() { Name = "Documents" }).GetByText("Statement", new() { Exact = true }).First.WaitForAsync();
        await stage.Story.BooksAreExact();
    }

    [Fact]
    public async Task An_operator_sees_that_money_flows_and_what_is_proposed_waits_for_another()
    {
        var page = await stage.Open("/operate?view=payments");
        await ConsoleStage.SignIn(page, "operator");
        await page.GetByText("flows").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Propose limits…" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Propose limits of money going out" });
        await dialog.GetByLabel("At most at once, $").FillAsync("1234.00");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Propose", Exact = true }).ClickAsync();
        var proposals = page.GetByRole(AriaRole.Table, new() { Name = "Proposals" });
        await proposals.GetByText("$1,234.00").WaitForAsync();
        (await proposals.GetByRole(AriaRole.Button, new() { NameRegex = new("^Approve") }).First.IsDisabledAsync()).ShouldBeTrue();
        await ConsoleStage.Picture(page, "operate-payments");
        (await stage.Story.Operator.Payments.GetPaymentStatusAsync(new GetPaymentStatusRequest(), cancellationToken: Cancel)).Limits.SingleMicros
            .ShouldNotBe(1_234_000_000, "one operator alone changes nothing");
    }

    private static async Task AskOut(IPage page)
    {
        await page.GetByLabel("Amount, $").FillAsync("25");
        await page.GetByRole(AriaRole.Button, new() { Name = "Withdraw…" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Withdraw $25.00" }).ClickAsync();
    }

    private static async Task<string> Download(IPage page, string format)
    {
        var file = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = $"Download statement as {format}" }).ClickAsync());
        return Encoding.Latin1.GetString(await File.ReadAllBytesAsync(await file.PathAsync(), Cancel));
    }
}
