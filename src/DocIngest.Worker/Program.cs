using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Hosting.Linux;

if (OperatingSystem.IsLinux())
{
    FileCreationMask.CloseToOthers();   // before anything is written
}

return await DocIngestProgram.RunAsync(args);
