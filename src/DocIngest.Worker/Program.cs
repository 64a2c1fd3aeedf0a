using DocIngest.Pipeline.Extraction;

// Stand-in until the host's own command line takes this place.
return args is ["extract-worker", .. var rest] ? ExtractWorkerProgram.Run(rest) : 2;
