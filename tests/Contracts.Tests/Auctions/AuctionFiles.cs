using System.Text;

namespace ComputeExchange.Contracts.Tests.Auctions;

/// <summary>The example of the format's own page, and a problem that uses every field.</summary>
static class AuctionFiles
{
    public const string Problem = """
        { "version": 1, "slot_minutes": 60, "slots": 24,
          "markets": ["H100-SXM-80GB.us-east", "H200-SXM-141GB.us-east"],
          "offers": [ {"id": "o1", "market": 0, "gpus": 8, "from": 0, "to": 24, "reserve": 1850000, "min_run": 1} ],
          "bids": [
            {"id": "d1", "kind": "divisible", "markets": [0], "gpus": 16, "from": 2, "to": 8, "limit": 2400000},
            {"id": "b1", "kind": "block", "markets": [0, 1], "gpus": 8, "run": 6, "from": 2, "to": 14, "limit": 2300000,
             "min_fill": 1000, "node": 8, "parent": null, "group": null} ] }
        """;

    public const string Solution = """
        { "version": 1, "status": "optimal", "welfare": 48000000, "bound": 48000000, "seconds": 0.8,
          "prices": [[null, null, 2400000, 2400000, 2400000, 2400000, 2400000, 2400000, 2075000, 2075000, 2075000, 2075000, 2075000, 2075000,
                      null, null, null, null, null, null, null, null, null, null],
                     [null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null]],
          "fills": [ {"bid": "d1", "offer": "o1", "from": 2, "to": 8, "gpus": 8}, {"bid": "b1", "offer": "o1", "from": 8, "to": 14, "gpus": 8} ],
          "left_out": [], "left_out_offers": [] }
        """;

    public const string Everything = """
        {"version":1,"slot_minutes":30,"first_slot_minutes":7,"slots":12,"markets":["é \"quoted\"","B+C"],
         "offers":[{"id":"o1","market":1,"gpus":8,"from":2,"to":5,"reserve":[10,20,30],"min_run":3},
                   {"id":"o2","market":0,"gpus":1000000,"from":0,"to":12,"reserve":0,"min_run":1}],
         "bids":[{"id":"p","kind":"block","markets":[1,0],"gpus":24,"run":3,"from":0,"to":12,"starts":[7,0,9],"limit":1000000000,"min_fill":250,"node":8,"parent":null,"group":null},
                 {"id":"c","kind":"block","markets":[0],"gpus":8,"run":1,"from":0,"to":12,"limit":5,"min_fill":1000,"node":0,"parent":"p","group":null,"offers":["o2","o1"]},
                 {"id":"g","kind":"block","markets":[0],"gpus":8,"run":12,"from":0,"to":12,"limit":5,"min_fill":1000,"node":0,"parent":null,"group":"either"},
                 {"id":"d","kind":"divisible","markets":[0,1],"gpus":3,"from":11,"to":12,"limit":0}]}
        """;

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
