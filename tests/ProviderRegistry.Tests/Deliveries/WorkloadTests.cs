using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Access.V1;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>What a buyer wants to be run, and what comes back of it.</summary>
public sealed class WorkloadTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private const string Secret = "hf_9Xq-not-for-anybody";

    private static readonly DateTimeOffset One = DeliveryWorld.Noon.AddHours(1);

    private readonly Guid _id = Guid.NewGuid();

    private DeliveryWorld _world = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await DeliveryWorld.Open(database);
        await _world.Paid(7, gpus: 8, One, hours: 1);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_secret_goes_to_the_node_and_nowhere_else()
    {
        var answer = await Set(Training());
        answer.Environment["HF_TOKEN"].ShouldBe("");
        (await _world.Delivery(7)).Workload.Environment.Keys.ShouldBe(["HF_TOKEN"]);
        (await _world.Delivery(7)).ToString().ShouldNotContain(Secret);

        var row = await _world.InDb(db => db.Workloads.AsNoTracking().SingleAsync(Cancel));
        Encoding.UTF8.GetString(row.Spec).ShouldNotContain(Secret);
        Encoding.UTF8.GetString(row.Sealed).ShouldNotContain(Secret);
        WorkloadBox.Open(new Secrets(new byte[32]), row).Environment["HF_TOKEN"].ShouldBe(Secret);
        Should.Throw<CryptographicException>(() => WorkloadBox.Open(new Secrets(RandomNumberGenerator.GetBytes(32)), row));
    }

    [Fact]
    public async Task Its_provider_sees_what_it_takes_and_not_what_it_does()
    {
        await Set(Training());
        var seen = (await _world.Delivery(7, _world.Provider)).Workload;
        (seen.Image, seen.CpuCount).ShouldBe(("nvcr.io/nvidia/pytorch:25.01-py3", 16));
        (seen.Command.Count, seen.Environment.Count, seen.SshPublicKeys.Count).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task The_same_workload_id_with_another_secret_is_refused_and_with_the_same_changes_nothing()
    {
        await Set(Training());
        var revision = await _world.Revision();
        await Set(Training());
        (await _world.Revision()).ShouldBe(revision);
        var other = Training();
        other.Environment["HF_TOKEN"] = "another";
        await Set(other).ShouldBeRefused(StatusCode.AlreadyExists, "WORKLOAD_ID_REUSED");
    }

    [Fact]
    public async Task What_is_wrong_is_named_field_by_field_without_the_secret()
    {
        var wrong = new Workload
        {
            Image = "--privileged evil", Command = { "" }, CpuCount = -1, MemoryBytes = 5,
            Environment = { ["1BAD"] = Secret, ["CX_METADATA_URL"] = Secret, ["KEY"] = Secret + "\nX=1" }, SshPublicKeys = { "ssh-ed25519 nonsense" },
        };
        var failure = await Should.ThrowAsync<RpcException>(Set(wrong));
        Client.RpcFailure.From(failure).Fields.Select(field => field.Field).ShouldBe(
        [
            "workload.image", "workload.command", "workload.environment", "workload.environment", "workload.environment", "workload.ssh_public_keys",
            "workload.cpu_count", "workload.memory_bytes",
        ]);
        failure.Status.Detail.ShouldNotContain(Secret);
        (await _world.InDb(db => db.Workloads.CountAsync(Cancel))).ShouldBe(0);
    }

    [Theory]
    [InlineData("ubuntu", true)]
    [InlineData("localhost:5000/a/b_c:tag", true)]
    [InlineData("ghcr.io/org/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("-v", false)]
    [InlineData("ubuntu; rm -rf /", false)]
    [InlineData("Uppercase", false)]
    [InlineData("a/../b", false)]
    public void Names_of_images_are_taken_only_as_they_are_written(string image, bool right) =>
        (WorkloadRules.Wrong(image, [], [], [], 0, 0, 0).Count == 0).ShouldBe(right);

    [Theory]
    [InlineData("USR1", true)]
    [InlineData("KILL", false)]
    public void A_workload_may_choose_the_signal_of_its_notice(string signal, bool right) =>
        (WorkloadRules.Wrong("ubuntu", [], [new("CX_NOTICE_SIGNAL", signal)], [], 0, 0, 0).Count == 0).ShouldBe(right);

    [Fact]
    public async Task What_a_bid_is_to_run_runs_on_all_that_it_buys()
    {
        await _world.Door(door => door.SetWorkload(
            new SetWorkloadRequest { WorkloadId = _id.ToString(), BidId = 44, Workload = Training() }, DoorCall.Of(_world.Buyer, Role.Buyer)));
        await _world.Paid(8, gpus: 4, One.AddHours(1), hours: 1, bid: 44);
        (await _world.Delivery(8)).Workload.WorkloadId.ShouldBe(_id.ToString());

        // Another one's bid of that number is another bid.
        await _world.Paid(9, gpus: 4, One.AddHours(1), hours: 1, bid: 44, buyer: Guid.Parse("22222222-0000-0000-0000-000000000009"));
        (await _world.InDb(db => db.Deliveries.AsNoTracking().SingleAsync(row => row.DeliveryId == 9, Cancel))).WorkloadId.ShouldBeNull();
    }

    [Fact]
    public async Task The_environment_is_erased_a_day_after_the_end_and_not_before()
    {
        await Set(Training());
        await _world.RunAt(One);
        await _world.IsActive(7);
        await _world.Measures(7, One, One.AddHours(1));
        await _world.RunAt(One.AddHours(1));
        (await _world.InDb(db => EraseSecrets.Run(db, One.AddHours(25).AddSeconds(-1), Cancel))).ShouldBe(0);
        (await _world.InDb(db => EraseSecrets.Run(db, One.AddHours(25).AddSeconds(1), Cancel))).ShouldBe(1);
        (await _world.InDb(db => db.Workloads.AsNoTracking().SingleAsync(Cancel))).IsErased().ShouldBeTrue();
    }

    [Fact]
    public async Task A_log_is_read_by_its_buyer_in_parts_that_never_cut_a_letter()
    {
        var text = Encoding.UTF8.GetBytes("epoch 1 — loss 0.5 €\nepoch 2\n");
        await _world.InTransaction(async db =>
        {
            db.DeliveryLogs.AddRange(
                new DeliveryLogRow { DeliveryId = 7, Offset = 0, Text = text[..9] },
                new DeliveryLogRow { DeliveryId = 7, Offset = 9, Text = text[9..] });
            (await db.Deliveries.SingleAsync(Cancel)).LogSize = text.Length;
        });
        var (read, offset) = ("", 0L);
        while (offset < text.Length)
        {
            var part = await Log(offset, size: 5);
            part.Text.ShouldNotContain('\uFFFD');
            (read, offset) = (read + part.Text, part.NextOffset);
            part.Complete.ShouldBeFalse();
        }
        read.ShouldBe(Encoding.UTF8.GetString(text));
        await _world.Door(door => door.ReadDeliveryLog(new ReadDeliveryLogRequest { LeaseId = 7 }, DoorCall.Of(_world.Provider, Role.Buyer)))
            .ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task A_log_is_complete_when_the_delivery_is_over_and_removed()
    {
        await _world.RunAt(One);
        await _world.IsActive(7);
        await _world.RunAt(One.AddHours(1));
        (await Log(0, 100)).Complete.ShouldBeFalse();
        await _world.Reports(7, new DeliveryReport { Phase = DeliveryPhase.Ended, Removed = true, ExitCode = 3 });
        (await Log(0, 100)).Complete.ShouldBeTrue();
        (await _world.Delivery(7)).ExitCode.ShouldBe(3);
    }

    private static Workload Training() => new()
    {
        Image = "nvcr.io/nvidia/pytorch:25.01-py3",
        Command = { "python", "train.py" },
        Environment = { ["HF_TOKEN"] = Secret },
        SshPublicKeys = { "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@home" },
        CpuCount = 16,
    };

    private async Task<Workload> Set(Workload workload) => (await _world.Door(door => door.SetWorkload(
        new SetWorkloadRequest { WorkloadId = _id.ToString(), LeaseId = 7, Workload = workload }, DoorCall.Of(_world.Buyer, Role.Buyer)))).Workload;

    private Task<ReadDeliveryLogResponse> Log(long offset, int size) => _world.Door(door => door.ReadDeliveryLog(
        new ReadDeliveryLogRequest { LeaseId = 7, Offset = offset, Size = size }, DoorCall.Of(_world.Buyer, Role.Buyer)));
}
