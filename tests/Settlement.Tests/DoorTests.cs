using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Settlement.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>The whole service, called over the wire by people with roles.</summary>
public sealed class DoorTests(SettlementOnTheWire wire) : IClassFixture<SettlementOnTheWire>
{
    private readonly Guid _buyerId = Guid.NewGuid();
    private readonly Guid _providerId = Guid.NewGuid();
    private readonly SettlementService.SettlementServiceClient _operator = wire.As(Guid.NewGuid(), Role.Operator);

    private SettlementService.SettlementServiceClient Buyer => wire.As(_buyerId, Role.Buyer);

    private SettlementService.SettlementServiceClient Provider => wire.As(_providerId, Role.Provider);

    [Fact]
    public async Task Money_goes_its_whole_way_from_the_bank_to_the_bank()
    {
        await Deposit(_buyerId, 10_000_000);
        await Deposit(_providerId, 1_000_000);
        await Until(async () => (await Account(Buyer)).FreeMicros == 10_000_000 && (await Account(Provider)).CollateralMicros == 1_000_000);

        var sold = Happened.Sold(7, _buyerId, _providerId, Books.Start, 2, Happened.Slot(1_000_000, 2_000_000, 3_000, 3_000, 500_000), Happened.Slot(1_000_000, 2_000_000, 3_000, 3_000, 500_000));
        wire.Engine.Sell(sold).ShouldBeTrue();
        await Until(async () => (await Account(Buyer)).EscrowMicros == 4_006_000);
        (await Account(Provider)).BondMicros.ShouldBe(1_000_000);

        // The first slot is delivered, half of the second is not: 1 GPU-hour short, at 10 % of its price.
        wire.Say(Happened.Metered(7, 0, 7_200, 7_200));
        wire.Say(Happened.Metered(7, 1, 7_200, 3_600));
        await Until(async () => (await Account(Buyer)) is { EscrowMicros: 0, TransitMicros: 0, CollateralMicros: 10_000_000 - 4_006_000 + 1_001_500 + 100_000 });
        await Until(async () => (await Account(Provider)) is { EarningsMicros: 2_995_500, BondMicros: 0, CollateralMicros: 900_000 });

        var asked = await Buyer.WithdrawAsync(new WithdrawRequest { RequestId = NewId(), AmountMicros = 95_500, DestinationId = await DestinationOf(Buyer, _buyerId) });
        asked.Withdrawal.State.ShouldBe(WithdrawalState.Pending);
        await Until(async () => (await Buyer.GetWithdrawalAsync(new GetWithdrawalRequest { WithdrawalId = asked.Withdrawal.WithdrawalId })).Withdrawal.State == WithdrawalState.Paid);

        // A day later the provider's bank has the earnings.
        wire.Advance(Books.Start.AddDays(1));
        await Until(async () => (await Provider.ListPayoutsAsync(new ListPayoutsRequest())).Payouts is [{ AmountMicros: 2_995_500 }]);
        (await Account(Provider)).EarningsMicros.ShouldBe(0);

        var reconciled = await _operator.ReconcileAsync(new ReconcileRequest());
        reconciled.Breaks.ShouldBeEmpty();
        reconciled.FeedNumber.ShouldBe(wire.Engine.Feed.Count);

        var trial = await _operator.GetTrialBalanceAsync(new GetTrialBalanceRequest());
        trial.TotalMicros.ShouldBe(0);
        trial.Rows.Select(row => row.AccountKind).ShouldBe(["bank", "collateral", "earnings", "escrow", "fees", "suspense", "transit"]);
        trial.Rows.Single(row => row.AccountKind == "fees").BalanceMicros.ShouldBe(9_000);
        trial.Rows.Where(row => row.BalanceMicros < 0).ShouldHaveSingleItem().AccountKind.ShouldBe("bank");
    }

    [Fact]
    public async Task Transfers_are_listed_newest_first_in_pages_and_everyone_sees_his_own()
    {
        for (var i = 1; i <= 3; i++) await Deposit(_buyerId, i);
        await Deposit(_providerId, 9);
        await Until(async () => (await Account(Buyer)).CollateralMicros == 6 && (await Account(Provider)).CollateralMicros == 9);

        var mine = await Buyer.ListTransfersAsync(new ListTransfersRequest { PageSize = 4 });
        mine.Transfers.Select(t => t.TransferId).ShouldBeInOrder(SortDirection.Descending);
        var rest = await Buyer.ListTransfersAsync(new ListTransfersRequest { PageSize = 4, PageToken = mine.NextPageToken });
        rest.NextPageToken.ShouldBe("");
        var all = mine.Transfers.Concat(rest.Transfers).ToList();
        all.Count.ShouldBe(6);
        all.ShouldAllBe(t => (t.DebitAccount + t.CreditAccount).Contains(_buyerId.ToString()));
        var booked = all.Single(t => t.Kind == "deposit" && t.AmountMicros == 3);
        (booked.DebitAccount, booked.CreditAccount, booked.HappenedTime).ShouldBe(("bank", $"transit:{_buyerId}", wire.Clock.Now.ToTimestamp()));
        booked.Cause.ShouldStartWith("deposit ");

        (await wire.As(Guid.NewGuid(), Role.Auditor).ListTransfersAsync(new ListTransfersRequest { ParticipantId = _providerId.ToString() })).Transfers.Count.ShouldBe(2);
        await Refused(() => Buyer.ListTransfersAsync(new ListTransfersRequest { ParticipantId = _providerId.ToString() }), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => Buyer.ListTransfersAsync(new ListTransfersRequest { PageSize = 1_001 }), StatusCode.InvalidArgument, "", "page_size");
        await Refused(() => Buyer.ListTransfersAsync(new ListTransfersRequest { PageToken = "x" }), StatusCode.InvalidArgument, "", "page_token");
    }

    [Fact]
    public async Task Bad_requests_are_told_every_field_that_is_wrong()
    {
        await Refused(() => _operator.DepositAsync(new DepositRequest { RequestId = "x" }), StatusCode.InvalidArgument, "", "request_id", "participant_id", "amount_micros");
        await Refused(() => _operator.DepositAsync(new DepositRequest { RequestId = NewId(), ParticipantId = NewId(), AmountMicros = 1_000_000_000_000_001 }), StatusCode.InvalidArgument, "", "amount_micros");
        await Refused(() => Buyer.WithdrawAsync(new WithdrawRequest()), StatusCode.InvalidArgument, "", "request_id", "amount_micros", "destination_id");
        foreach (var destination in (string[])[new('x', 101), "a\0b", "  "])
            await Refused(() => Buyer.WithdrawAsync(new WithdrawRequest { RequestId = NewId(), AmountMicros = 1, DestinationId = destination }), StatusCode.InvalidArgument, "", "destination_id");
        await Refused(() => Buyer.GetWithdrawalAsync(new GetWithdrawalRequest { WithdrawalId = "7" }), StatusCode.InvalidArgument, "", "withdrawal_id");
        await Refused(() => _operator.GetAccountAsync(new GetAccountRequest { ParticipantId = "7" }), StatusCode.InvalidArgument, "", "participant_id");
    }

    [Fact]
    public async Task A_request_id_stands_for_one_thing()
    {
        var deposit = new DepositRequest { RequestId = NewId(), ParticipantId = _buyerId.ToString(), AmountMicros = 5 };
        var first = await _operator.DepositAsync(deposit);
        (await wire.As(Guid.NewGuid(), Role.Operator).DepositAsync(deposit)).ShouldBe(first);
        deposit.AmountMicros = 6;
        await Refused(() => _operator.DepositAsync(deposit), StatusCode.AlreadyExists, "REQUEST_ID_REUSED");

        var withdrawal = new WithdrawRequest { RequestId = NewId(), AmountMicros = 5, DestinationId = await DestinationOf(Buyer, _buyerId) };
        await Buyer.WithdrawAsync(withdrawal);
        withdrawal.DestinationId = Guid.NewGuid().ToString();
        await Refused(() => Buyer.WithdrawAsync(withdrawal), StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
    }

    [Fact]
    public async Task Nobody_sees_or_does_what_is_anothers()
    {
        var withdrawal = (await Buyer.WithdrawAsync(new WithdrawRequest { RequestId = NewId(), AmountMicros = 5, DestinationId = await DestinationOf(Buyer, _buyerId) })).Withdrawal;
        await Refused(() => Provider.GetWithdrawalAsync(new GetWithdrawalRequest { WithdrawalId = withdrawal.WithdrawalId }), StatusCode.NotFound, "NOT_FOUND");
        (await _operator.GetWithdrawalAsync(new GetWithdrawalRequest { WithdrawalId = withdrawal.WithdrawalId })).Withdrawal.AmountMicros.ShouldBe(5);

        await Refused(() => Buyer.GetAccountAsync(new GetAccountRequest { ParticipantId = _providerId.ToString() }), StatusCode.PermissionDenied, "ACCESS_DENIED");
        (await _operator.GetAccountAsync(new GetAccountRequest { ParticipantId = _providerId.ToString() })).ParticipantId.ShouldBe(_providerId.ToString());
        await Refused(() => Buyer.DepositAsync(new DepositRequest()), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => _operator.WithdrawAsync(new WithdrawRequest()), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => Buyer.ReconcileAsync(new ReconcileRequest()), StatusCode.PermissionDenied, "ACCESS_DENIED");
    }

    private Task Deposit(Guid participant, long micros) => _operator.DepositAsync(
        new DepositRequest { RequestId = NewId(), ParticipantId = participant.ToString(), AmountMicros = micros }).ResponseAsync;

    private static async Task<GetAccountResponse> Account(SettlementService.SettlementServiceClient whose) => await whose.GetAccountAsync(new GetAccountRequest());

    /// <summary>A destination that Settlement has heard of.</summary>
    private async Task<string> DestinationOf(SettlementService.SettlementServiceClient whose, Guid participant)
    {
        var id = wire.AddDestination(participant).ToString();

        // More than any limit allows: the destination is looked at first.
        await Until(async () => RpcFailure.From(await Should.ThrowAsync<RpcException>(async () => await whose.WithdrawAsync(
            new WithdrawRequest { RequestId = NewId(), AmountMicros = long.MaxValue, DestinationId = id }))).Reason == "OVER_SINGLE_LIMIT");
        return id;
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
            await Task.Delay(20);
        }
    }

    private static async Task Refused<T>(Func<AsyncUnaryCall<T>> call, StatusCode code, string reason, params string[] fields)
    {
        var failure = RpcFailure.From(await Should.ThrowAsync<RpcException>(async () => await call()));
        (failure.Code, failure.Reason).ShouldBe((code, reason));
        failure.Fields.Select(field => field.Field).ShouldBe(fields);
    }

    private static string NewId() => Guid.NewGuid().ToString();
}
