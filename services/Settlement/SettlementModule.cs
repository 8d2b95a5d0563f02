using ComputeExchange.Client;
using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Hosting;
using ComputeExchange.Settlement.Accounts;
using ComputeExchange.Settlement.Delivery;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Feed;
using ComputeExchange.Settlement.Payouts;
using ComputeExchange.Settlement.Reconciliation;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.Withdrawals;

namespace ComputeExchange.Settlement;

/// <summary>Settlement's table of contents: the one ledger, and the money's way through the exchange.</summary>
public static class SettlementModule
{
    public static WebApplication Build(ServiceOptions options)
    {
        var service = ExchangeService.Create(ServiceNames.Settlement, options)
            .AddStorage<SettlementDb>()
            .ReadFeed<PostFeed>()
            .Hear<LeaseMetered, ReleaseEscrow>(ServiceNames.ProviderRegistry)
            .Hear<ParticipantAdmitted, OpenAccounts>(ServiceNames.Participants)
            .Schedule<PayOut>("payouts", "0 0 1 * * ?")
            .Schedule<WatchLedger>("ledger_watch", "0 0/10 * * * ?")
            .Serve<SettlementGrpc>();
        service.Builder.Services
            .AddScoped<BookDepositHandler>()
            .AddScoped<RequestWithdrawalHandler>()
            .AddScoped<ReadAccounts>()
            .AddScoped<Reconciler>();
        return service.Build();
    }
}
