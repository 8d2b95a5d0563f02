using ComputeExchange.Access.V1;
using ComputeExchange.Settlement.V1;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>Fees over the wire: two operators set a schedule, the engine takes the rates, and everyone reads his own.</summary>
public sealed class FeeDoorTests(SettlementOnTheWire wire) : IClassFixture<SettlementOnTheWire>
{
    private readonly Guid _buyer = Guid.NewGuid();

    private DocumentsService.DocumentsServiceClient Buyer => wire.DocumentsAs(_buyer, Role.Buyer);

    [Fact]
    public async Task A_schedule_that_two_operators_set_from_today_is_in_the_engine_and_everyone_reads_his_own_rates()
    {
        await wire.As(Guid.NewGuid(), Role.Operator).DepositAsync(new DepositRequest { RequestId = Guid.NewGuid().ToString(), ParticipantId = _buyer.ToString(), AmountMicros = 5 });
        await Until(async () => (await wire.As(_buyer, Role.Buyer).GetAccountAsync(new GetAccountRequest())).CollateralMicros == 5);
        var before = await Buyer.GetFeesAsync(new GetFeesRequest());
        (before.BuyerPpm, before.Schedule).ShouldBe((1_500, null));

        var schedule = new FeeSchedule { FromDay = "2026-03-02", Tiers = { new FeeTier { BuyerPpm = 900, SellerPpm = 800 }, new FeeTier { FromVolumeMicros = 1_000_000, BuyerPpm = 7, SellerPpm = 6 } } };
        var proposed = await wire.PaymentsAs(Guid.NewGuid(), Role.Operator).ProposeAsync(new ProposeRequest { RequestId = Guid.NewGuid().ToString(), SetFees = schedule });
        (await Buyer.GetFeesAsync(new GetFeesRequest())).Schedule.ShouldBeNull();
        await wire.PaymentsAs(Guid.NewGuid(), Role.Operator).ApproveProposalAsync(new ApproveProposalRequest { ProposalId = proposed.Proposal.ProposalId, Hash = proposed.Proposal.Hash });
        await Until(async () => (await Buyer.GetFeesAsync(new GetFeesRequest())).BuyerPpm == 900);

        var after = await Buyer.GetFeesAsync(new GetFeesRequest());
        (after.SellerPpm, after.VolumeMicros, after.NextTierMicros).ShouldBe((800, 0, 1_000_000));
        after.Schedule.ShouldBe(schedule);
        (await wire.DocumentsAs(Guid.NewGuid(), Role.Auditor).GetFeesAsync(new GetFeesRequest { ParticipantId = _buyer.ToString() })).BuyerPpm.ShouldBe(900);
        var refused = await Should.ThrowAsync<RpcException>(async () => await wire.DocumentsAs(Guid.NewGuid(), Role.Buyer).GetFeesAsync(new GetFeesRequest { ParticipantId = _buyer.ToString() }));
        refused.StatusCode.ShouldBe(StatusCode.PermissionDenied);
    }

    [Fact]
    public async Task A_schedule_that_is_wrong_is_refused_with_every_field()
    {
        var wrong = new FeeSchedule { FromDay = "2026-03-01", Tiers = { new FeeTier { FromVolumeMicros = 5, BuyerPpm = -1 } } };
        var refused = await Should.ThrowAsync<RpcException>(async () =>
            await wire.PaymentsAs(Guid.NewGuid(), Role.Operator).ProposeAsync(new ProposeRequest { RequestId = Guid.NewGuid().ToString(), SetFees = wrong }));
        Client.RpcFailure.From(refused).Fields.Select(field => field.Field).ShouldBe(["set_fees.from_day", "set_fees.tiers[0].from_volume_micros", "set_fees.tiers[0].buyer_ppm"]);
    }

    private static async Task Until(Func<Task<bool>> reached)
    {
        for (var look = 0; look < 600; look++)
        {
            if (await reached()) return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        Assert.Fail("It did not come to be so.");
    }
}
