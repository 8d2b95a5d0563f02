using ComputeExchange.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]
