using DocIngest.Worker.CommandLine;

return await DocIngestProgram.RunAsync(args);
