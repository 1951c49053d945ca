"""All SQL of the pairing service. Every public function names the area that it may see: `within=`."""
