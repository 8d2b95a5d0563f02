using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Networking;

/// <summary>
/// A connection between two processes: what goes in at one end comes out at the other once and in order, or the
/// connection is cut, and then both ends learn it, each in its time.
/// </summary>
internal sealed class Pipe
{
    private readonly Network _network;
    private readonly Scheduler _scheduler;
    private readonly Way _there;
    private readonly Way _back;

    public Pipe(Network network, Scheduler scheduler, Process near, Process far)
    {
        (_network, _scheduler, Near, Far) = (network, scheduler, near, far);
        (_there, _back) = (new Way(this, near, far), new Way(this, far, near));
        near.Died += Cut;
        far.Died += Cut;
        network.Add(this);
    }

    /// <summary>Who opened it.</summary>
    public Process Near { get; }

    /// <summary>Who was connected to.</summary>
    public Process Far { get; }

    public bool IsCut { get; private set; }

    /// <summary>Whether the near end has learned that the connection is gone.</summary>
    public bool NearKnows { get; private set; }

    /// <summary>What the near end does when it learns that the connection is gone.</summary>
    public Action? NearLost { get; set; }

    /// <summary>What the far end does when it learns that the connection is gone.</summary>
    public Action? FarLost { get; set; }

    /// <summary>Sends something to the far end.</summary>
    public void Send(Action arrive) => _there.Send(arrive);

    /// <summary>Sends something back to the near end.</summary>
    public void SendBack(Action arrive) => _back.Send(arrive);

    /// <summary>Ends the connection: what was on its way is lost.</summary>
    public void Cut()
    {
        if (IsCut) return;
        IsCut = true;
        Near.Died -= Cut;
        Far.Died -= Cut;
        Tell(Far, Near, () =>
        {
            NearKnows = true;
            NearLost?.Invoke();
        });
        Tell(Near, Far, () => FarLost?.Invoke());
    }

    /// <summary>The news of the end travels as everything does, and waits where machines are parted.</summary>
    private void Tell(Process from, Process to, Action lost) => _scheduler.After(_network.Transit(), () =>
    {
        if (_network.IsCut(from.Name, to.Name)) _network.WhenHealed(() => Tell(from, to, lost));
        else to.Post(_ => lost(), null);
    });

    /// <summary>One direction of a connection.</summary>
    private sealed class Way(Pipe pipe, Process from, Process to)
    {
        private readonly Queue<(TimeSpan At, Action Arrive)> _onTheWay = new();
        private readonly Queue<Action> _arrived = new();
        private TimeSpan _last;

        public void Send(Action arrive)
        {
            if (pipe.IsCut) return;
            var at = pipe._scheduler.Now + pipe._network.Transit();
            _last = at > _last ? at : _last;
            _onTheWay.Enqueue((_last, arrive));
            if (_onTheWay.Count == 1) Wait();
        }

        private void Wait() => pipe._scheduler.After(_onTheWay.Peek().At - pipe._scheduler.Now, Deliver);

        private void Deliver()
        {
            if (pipe.IsCut) return;
            if (pipe._network.IsCut(from.Name, to.Name))
            {
                pipe._network.WhenHealed(Deliver);
                return;
            }
            _arrived.Enqueue(_onTheWay.Dequeue().Arrive);
            to.Post(_ => _arrived.Dequeue()(), null);
            if (_onTheWay.Count > 0) Wait();
        }
    }
}
