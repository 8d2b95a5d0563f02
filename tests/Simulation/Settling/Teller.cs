using ComputeExchange.Simulation.Clients;
using ComputeExchange.Simulation.Clients.Scripts;
using ComputeExchange.Simulation.Networking;
using ComputeExchange.Simulation.Time;
using ComputeExchange.Values;

namespace ComputeExchange.Simulation.Settling;

/// <summary>Brings people's deposits to Settlement and their wishes to have money back; asks again under the same id until it hears an answer, and now and then after it.</summary>
internal sealed class Teller(World world, string name, SettlementMachine settlement, int slips) : Inhabitant(name)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(900);

    /// <summary>Its disk.</summary>
    private readonly List<Slip> _slips = [];

    public override bool IsDone => _slips.Count == slips && _slips.TrueForAll(slip => slip.IsDone);

    public override string State => $"{Name} waits for {_slips.Count(slip => !slip.IsDone)} of {_slips.Count}";

    public override void Start()
    {
        var process = Process = world.Boot(Name);
        process.Start(() => Work(process, 0));
        process.Start(() => Work(process, 1));
    }

    private async Task Work(Process process, int lane)
    {
        while (true)
        {
            var slip = _slips.Find(slip => slip.Lane == lane && !slip.IsDone) ?? Write(process.Dice, lane);
            if (slip is not null) await Bring(process, slip);
            await Task.Delay(process.Dice.Skewed(Pause), process.Clock);
        }
    }

    private Slip? Write(Dice dice, int lane)
    {
        if (_slips.Count >= slips) return null;
        var slip = new Slip(DerivedId.From(Name, _slips.Count), Guid.Parse(dice.OneOf(People.All)), new Money(dice.Between(1, 1_500_000)), !dice.OnceIn(3), lane)
        {
            Repeats = dice.OnceIn(3) ? 1 : 0,
        };
        _slips.Add(slip);
        return slip;
    }

    private async Task Bring(Process process, Slip slip)
    {
        try
        {
            var isTaken = await world.Network.Ask(
                process, settlement.Process!, () => settlement.Take(slip.Id, slip.Participant, slip.Amount, slip.IsDeposit),
                process.Dice.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2)));
            if (!isTaken) return;
            world.See(slip.IsDeposit ? "a deposit was booked" : "a withdrawal was asked for");
            world.Tell(check => check.Acknowledged(slip.Id, slip.Amount, slip.IsDeposit));
            slip.Heard();
        }
        catch (UnreachedException)
        {
        }
    }

    private sealed record Slip(Guid Id, Guid Participant, Money Amount, bool IsDeposit, int Lane)
    {
        private bool _isHeard;

        public int Repeats { get; set; }

        public bool IsDone => _isHeard && Repeats == 0;

        public void Heard()
        {
            if (_isHeard) Repeats--;
            _isHeard = true;
        }
    }
}
