using ComputeExchange.Hosting;
using ComputeExchange.Participants;

return await ServiceProcess.Run(args, ParticipantsModule.Build);
