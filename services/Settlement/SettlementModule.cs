using ComputeExchange.Client;
using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Hosting;
using ComputeExchange.Settlement.Accounts;
using ComputeExchange.Settlement.Delivery;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Documents;
using ComputeExchange.Settlement.Export;
using ComputeExchange.Settlement.Feed;
using ComputeExchange.Settlement.Fees;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Payouts;
using ComputeExchange.Settlement.Proposals;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Reconciliation;
using ComputeExchange.Settlement.Statements;
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
            .Hear<DeliveryCorrected, CorrectDelivery>(ServiceNames.ProviderRegistry)
            .Hear<ParticipantAdmitted, OpenAccounts>(ServiceNames.Participants)
            .Hear<PaymentDestinationAdded, KnowDestinations>(ServiceNames.Participants)
            .Hear<PaymentDestinationRemoved, KnowDestinations>(ServiceNames.Participants)
            .Hear<TaxCodeChanged, KeepTaxCode>(ServiceNames.Participants)
            .Schedule<MoveTiers>("fee_tiers", "0 5 0 * * ?")
            .Schedule<PayOut>("payouts", "0 0 1 * * ?")
            .Schedule<ExpireDeposits>("expire_deposits", "0 0 1 * * ?")
            .Schedule<RecoverDebts>("recover_debts", "0 0 1 * * ?")
            .Schedule<MonthlyDocuments>("monthly_documents", "0 0 2 1 * ?")
            .Serve<DocumentsGrpc>()
            .Serve<PaymentsGrpc>()
            .Serve<SettlementGrpc>();
        service.Builder.Services
            .AddScoped<BookDepositHandler>()
            .AddScoped<RequestWithdrawalHandler>()
            .AddScoped<ApproveWithdrawalHandler>()
            .AddScoped<RejectWithdrawalHandler>()
            .AddScoped<PaymentDesk>()
            .AddScoped<RailDeposits>()
            .AddScoped<ApplyRailEventsHandler>()
            .AddScoped<HaltPaymentsHandler>()
            .AddScoped<ExportBankPaymentsHandler>()
            .AddScoped<ImportBankStatementHandler>()
            .AddScoped<ReadPayments>()
            .AddScoped<CarryOut>()
            .AddScoped<ProposeHandler>()
            .AddScoped<ApproveProposalHandler>()
            .AddScoped<FeeRules>()
            .AddScoped<ReadFees>()
            .AddScoped<ReadAccounts>()
            .AddScoped<LedgerExtracts>()
            .AddScoped<ReadStatement>()
            .AddScoped<AccountReasons>()
            .AddScoped<DocumentMaker>()
            .AddScoped<DocumentFiles>()
            .AddScoped<LedgerExport>()
            .AddHostedService<LedgerWatch>()
            .AddScoped<Reconciler>();
        service.Builder.Services.AddRails(options);
        return service.Build();
    }
}
